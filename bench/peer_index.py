"""Runs inside rclip's own environment: indexes a folder and tells what that took, as JSON.

    python peer_index.py FOLDER BATCH

The model is loaded before, as it is on the other side. Nothing of phototagger is imported here.
"""

import json
import os
import resource
import sys
import time

from rclip import db, model
from rclip.main import RClip
from rclip.utils import helpers

folder, batch = sys.argv[1], int(sys.argv[2])
database = db.DB(helpers.get_app_datadir() / "db.sqlite3")
clip = model.Model()
clip.ensure_downloaded()
_ = clip._session_visual_index  # loads it
rclip = RClip(
    model_instance=clip,
    database=database,
    indexing_batch_size=batch,
    exclude_dirs=None,
    enable_raw_support=False,
    max_image_pixels=helpers.AUTO_MAX_IMAGE_PIXELS,
)
before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
rclip.ensure_index(os.path.realpath(folder))
wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
count = database._con.execute("SELECT count(*) FROM images").fetchone()[0]
database.close()
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
print(json.dumps({"wall": wall, "cpu": cpu, "count": count}))
