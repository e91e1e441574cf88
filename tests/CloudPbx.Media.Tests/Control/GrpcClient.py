"""Drives a media node by gRPC as a stranger's program would: python3 GrpcClient.py ADDRESS:PORT FOLDER_OF_GENERATED_CODE.

FOLDER has media_control_pb2.py, by: protoc --python_out=FOLDER --proto_path=libs/CloudPbx.MediaControl media_control.proto
"""
import queue
import sys
import uuid

import grpc

sys.path.insert(0, sys.argv[2])
import media_control_pb2 as wire

channel = grpc.insecure_channel(sys.argv[1])
control = channel.stream_stream(
    "/cloudpbx.media.v1.MediaControl/Control",
    request_serializer=wire.Command.SerializeToString, response_deserializer=wire.Event.FromString)
commands = queue.Queue()
events = control(iter(commands.get, None), timeout=30)


def ask(**action):
    commands.put(wire.Command(correlation=1, **action))
    return next(event for event in events if event.correlation == 1)


leg = wire.Leg(session=uuid.uuid4().hex, number=1)
print("instance", ask(hello=wire.Hello(controller="python")).welcome.instance)
offer = ask(offer=wire.Offer(leg=leg, policy=wire.Policy(codecs=["PCMA"], telephone_event=True))).description
print(offer.local_sdp if offer.accepted else offer.fault)
commands.put(wire.Command(correlation=2, remove=wire.Remove(leg=leg)))
commands.put(None)                      # nothing more to say: the answers still come
for event in events:
    print("removed", event.correlation, event.WhichOneof("report"))
print("ended", events.code().name)
