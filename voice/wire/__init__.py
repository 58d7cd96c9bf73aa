"""The wire protocols of the voice sockets: bytes in, events out, and back.

WebSocket (RFC 6455), Engine.IO 4 and Socket.IO 5 as pure state machines, and RESP3 for the bus behind them. No sockets,
no loop, no clock: time comes as an argument, what is to be written is returned. Nothing here knows an event's name.
"""
