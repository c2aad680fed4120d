"""Small packets leave at once."""

import socket

from dashboard.server.sockets import send_small_packets_at_once


def has_no_delay(sock: socket.socket) -> bool:
    return bool(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


def test_what_a_listening_socket_accepts_sends_small_packets_at_once() -> None:
    with socket.socket() as listening, socket.socket() as calling, socket.socket() as other:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        assert not has_no_delay(listening)
        send_small_packets_at_once()
        assert has_no_delay(listening)
        assert not has_no_delay(other)  # it does not listen
        calling.connect(listening.getsockname())
        accepted, _ = listening.accept()
        with accepted:
            assert has_no_delay(accepted)
    send_small_packets_at_once()  # the descriptors of sockets that were closed are no more
