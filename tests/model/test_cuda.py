"""What CUDA devices are good for, with the CPU and torch's own errors standing in for them."""

import pytest
import torch

from phototagger.model import cuda

CPU = torch.device("cpu")


def test_a_device_that_computes_can_be_used():
    assert cuda.unusable(CPU) == ""


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CUDA error: no kernel image is available for execution on the device\nmore"),
        torch.OutOfMemoryError("CUDA out of memory"),
        AssertionError("Torch not compiled with CUDA enabled"),
    ],
)
def test_a_device_whose_first_product_fails_cannot(monkeypatch, error):
    def fails(*_, **__):
        raise error

    monkeypatch.setattr(torch, "ones", fails)
    assert cuda.unusable(CPU) == str(error).partition("\n")[0]


def test_a_device_that_computes_wrong_sums_cannot(monkeypatch):
    ones = torch.ones
    monkeypatch.setattr(torch, "ones", lambda *size, device: 1.5 * ones(*size, device=device))
    assert cuda.unusable(CPU) == "it computes wrong sums"


def test_a_machine_without_a_card_has_nothing_to_say_and_one_with_a_hidden_card_does(
    monkeypatch, tmp_path
):
    def fails():
        raise RuntimeError("The NVIDIA driver on your system is too old (found version 11040)")

    monkeypatch.setattr(cuda, "_CARDS", str(tmp_path / "gpus"))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    assert cuda.why_no_cuda() == ""
    (tmp_path / "gpus" / "0000:65:00.0").mkdir(parents=True)
    monkeypatch.setattr(torch.cuda, "init", fails)
    assert cuda.why_no_cuda().startswith("The NVIDIA driver on your system is too old")
    monkeypatch.setattr(torch.cuda, "init", lambda: None)
    assert cuda.why_no_cuda() == "torch for CUDA 13.0 does not see it"
    monkeypatch.setattr(torch.version, "cuda", None)
    assert cuda.why_no_cuda() == "this torch was built without CUDA"


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (RuntimeError("CUDA error: an illegal memory access was encountered"), True),
        (torch.AcceleratorError("CUDA error: unspecified launch failure", 719), True),
        (RuntimeError("CUDA driver error: an illegal memory access was encountered"), True),
        (RuntimeError("Triton Error [CUDA]: an illegal memory access was encountered"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), True),
        (RuntimeError("Triton Error [CUDA]: out of memory"), False),
        (RuntimeError("CUDA error: out of memory"), False),
        (torch.OutOfMemoryError("CUDA out of memory"), False),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("CUDA error"), False),
    ],
)
def test_after_some_errors_a_process_can_use_its_card_no_more(error, lost):
    assert cuda.is_lost(error) == lost


def test_without_cuda_nothing_is_set(monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    with cuda.true_float32(CPU):
        assert torch.backends.cudnn.allow_tf32
