"""A server on this machine that speaks as OpenAI's does, and misbehaves as it is told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


class VisionServer:
    """Keeps what it is asked; answers what ``script`` says, one after the other, then well."""

    def __init__(self, url: str, host: str) -> None:
        self.url, self.host = url, host
        self.script: list[Answer] = []
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.labels = [{"label": "Dog ", "confidence": 0.75}, {"label": "lawn", "confidence": 0.5}]

    @property
    def environ(self) -> dict[str, str]:
        return {
            "OPENAI_BASE_URL": self.url, "OPENAI_MODEL": "sees-1", "OPENAI_API_KEY": "sk-secret",
            "OPENAI_REQUESTS_PER_MINUTE": "100000",
        }  # fmt: skip


def raw(status: int, body: bytes = b"", **headers: str) -> Answer:
    """An answer of these bytes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def said(content: str, **more: object) -> Answer:
    """An answer whose model said this."""
    message = {"choices": [{"message": {"role": "assistant", "content": content}}], **more}
    return raw(200, json.dumps(message).encode())


def labelled(labels: object, **more: object) -> Answer:
    return said(json.dumps({"labels": labels}), **more)


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    raw(200, b'{"choices"', Content_Length="5000")(handler)
    handler.close_connection = True


@contextmanager
def vision_server() -> Iterator[VisionServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            server.requests.append((self.path, dict(self.headers), data))
            answer = server.script.pop(0) if server.script else labelled(server.labels)
            try:
                answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            return

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    host = f"127.0.0.1:{listening.server_address[1]}"
    server = VisionServer(f"http://{host}/v1", host)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
