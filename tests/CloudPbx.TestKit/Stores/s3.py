"""OpenStack Swift behind its S3 door, in one process on loopback, its objects in memory: for tests alone.

s3.py FOLDER PORT ACCOUNT:USER SECRET BUCKET    says "ready" once the bucket is there, and ends with its standard input
"""
import logging
import os
import sys

import eventlet

eventlet.monkey_patch()

from eventlet import tpool, wsgi  # noqa: E402
from swift.account.server import AccountController  # noqa: E402
from swift.common import utils  # noqa: E402
from swift.common.middleware import catch_errors, gatekeeper, tempauth  # noqa: E402
from swift.common.middleware.s3api import s3api  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.swob import Request  # noqa: E402
from swift.container.server import ContainerController  # noqa: E402
from swift.obj.mem_server import ObjectController  # noqa: E402
from swift.proxy.server import Application  # noqa: E402

folder, port, access, secret, bucket = sys.argv[1:]
account, user = access.split(":")
utils.HASH_PATH_SUFFIX = b"tests"
os.makedirs(os.path.join(folder, "disk"))
conf = {
    "devices": folder, "swift_dir": folder, "mount_check": "false", "log_level": "WARNING", "fallocate_reserve": "0", "account_autocreate": "true",
}
quiet = logging.getLogger("wsgi")
quiet.addHandler(logging.NullHandler())


class Cache:
    """What Swift wants of memcached."""

    def __init__(self):
        self.values = {}

    def of(self, app):
        def cached(env, start_response):
            env["swift.cache"] = self
            return app(env, start_response)
        return cached

    def get(self, key, **_):
        return self.values.get(key)

    def set(self, key, value, **_):
        self.values[key] = value

    def delete(self, key, **_):
        self.values.pop(key, None)

    def incr(self, key, delta=1, **_):
        self.values[key] = max(0, int(self.values.get(key, 0)) + delta)
        return self.values[key]


def serve(app, listener):
    eventlet.spawn(wsgi.server, listener, app, quiet, log_output=False)


for kind, controller in (("account", AccountController), ("container", ContainerController), ("object", ObjectController)):
    listener = eventlet.listen(("127.0.0.1", 0))
    ring = RingBuilder(1, 1, 1)
    ring.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1.0, "ip": "127.0.0.1", "port": listener.getsockname()[1], "device": "disk"})
    ring.rebalance(seed="tests")
    ring.get_ring().save(os.path.join(folder, kind + ".ring.gz"))
    serve(controller(conf), listener)

proxy = Application(conf, utils.get_logger(conf))
made = Request.blank(f"/v1/AUTH_{account}/{bucket}", method="PUT").get_response(proxy)
if made.status_int != 201:
    sys.exit(f"the bucket was not made: {made.status}")
door = tempauth.filter_factory(conf, **{f"user_{account}_{user}": f"{secret} .admin"})(proxy)
door = s3api.filter_factory(conf, location="us-east-1", allow_multipart_uploads="false")(door)
door = catch_errors.filter_factory(conf)(gatekeeper.filter_factory(conf)(Cache().of(door)))
serve(door, eventlet.listen(("127.0.0.1", int(port))))
print("ready", flush=True)
tpool.execute(sys.stdin.read)
