"""An HTTP/2 client of an HTTPS proxy, frame by frame, on Debian's h2: it shows what happens on each
stream, and takes or withholds flow control as it is told."""
import hashlib
import socket
import ssl
import sys
import time

sys.path.append("/usr/lib/python3/dist-packages")  # Where python3-h2 is, whoever runs this.
import h2.config  # noqa: E402
import h2.connection  # noqa: E402
import h2.errors  # noqa: E402
import h2.events  # noqa: E402
import h2.exceptions  # noqa: E402


def trusting(*protocols):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if protocols:
        context.set_alpn_protocols(protocols)
    return context


class Stream:
    def __init__(self):
        self.heads = []  # Interim ones included.
        self.body = hashlib.sha256()
        self.first = b""  # Of the body.
        self.received = 0
        self.ended = False
        self.reset = None  # The error code.

    @property
    def status(self):
        return self.heads[-1].get(":status") if self.heads else None

    @property
    def over(self):
        return self.ended or self.reset is not None


class Http2:
    def __init__(self, port, name=None, authorization=None, limit=30):
        raw = socket.create_connection(("127.0.0.1", port), limit)
        self.socket = trusting("h2").wrap_socket(raw, server_hostname=name)
        assert self.socket.selected_alpn_protocol() == "h2"
        self.limit = limit
        self.authorization = authorization
        self.h2 = h2.connection.H2Connection(
            # Its checks do not know CONNECT, and some tests say what no client should.
            h2.config.H2Configuration(client_side=True, header_encoding="utf-8",
                                      validate_outbound_headers=False))
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(16 << 20)
        self.streams = {}
        self.greedy = True  # Takes everything; else what it is sent stays unacknowledged.
        self.gone = False
        self.flush()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def request(self, method, url_or_authority, *fields, end=True):
        number = self.h2.get_next_available_stream_id()
        if method == "CONNECT":
            head = [(":method", method), (":authority", url_or_authority)]
        else:
            scheme, rest = url_or_authority.split("://", 1)
            authority, path = rest.split("/", 1)
            head = [(":method", method), (":scheme", scheme), (":authority", authority),
                    (":path", "/" + path)]
        if self.authorization:
            head.append(("proxy-authorization", self.authorization))
        self.streams[number] = Stream()
        self.h2.send_headers(number, head + list(fields), end_stream=end)
        self.flush()
        return number

    def connect(self, authority):
        return self.request("CONNECT", authority, end=False)

    def send_some(self, number, data):
        """As much of `data` as the windows have room for; how much that was."""
        room = min(self.h2.local_flow_control_window(number), self.h2.max_outbound_frame_size)
        piece = data[:max(room, 0)]
        if piece:
            self.h2.send_data(number, piece)
            self.flush()
        return len(piece)

    def send(self, number, data, end=False):
        data = memoryview(data)
        while data and not self.streams[number].reset:
            sent = self.send_some(number, data)
            data = data[sent:]
            if not sent:
                self.take()
        if end:
            self.h2.end_stream(number)
            self.flush()

    def take(self, limit=None):
        """One read; False at the end of the connection."""
        self.socket.settimeout(limit or self.limit)
        data = self.socket.recv(1 << 16)
        if not data:
            self.gone = True
            return False
        for event in self.h2.receive_data(data):
            self.note(event)
        self.flush()
        return True

    def note(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.ConnectionTerminated):
            self.gone = True
        if stream is None:
            return
        if isinstance(event, (h2.events.ResponseReceived, h2.events.InformationalResponseReceived,
                              h2.events.TrailersReceived)):
            stream.heads.append(dict(event.headers))
        elif isinstance(event, h2.events.DataReceived):
            stream.body.update(event.data)
            stream.received += len(event.data)
            stream.first += event.data[:max(0, 65536 - len(stream.first))]
            if self.greedy and event.flow_controlled_length:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            stream.ended = True
        elif isinstance(event, h2.events.StreamReset):
            stream.reset = event.error_code

    def take_until(self, question):
        end = time.monotonic() + self.limit
        while not question():
            assert time.monotonic() < end, "waited in vain"
            if not self.take():
                break
        return question()

    def answer(self, number):
        """The stream, once it is over."""
        self.take_until(lambda: self.streams[number].over)
        return self.streams[number]

    def tunnel(self, authority):
        number = self.connect(authority)
        self.take_until(lambda: self.streams[number].status or self.streams[number].over)
        assert self.streams[number].status == "200", self.streams[number].heads
        return number

    def close(self):
        self.socket.close()
