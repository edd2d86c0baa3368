"""What leaves by the dongles, packet by packet: a capture that outlives its interfaces."""
import contextlib
import socket
import struct
import threading
import time

ETH_P_ALL = 3
OUTGOING = 4
SOL_PACKET, PACKET_AUXDATA = 263, 8
NOT_READY = 1 << 3  # TP_STATUS_CSUMNOTREADY: the device would have completed the check sum.

FIN, SYN, RST, ACK = 1, 2, 4, 16


def total(data, start=0):
    """RFC 1071, before the complement: 0xffff over data that holds its own right check sum."""
    if len(data) % 2:
        data += b"\0"
    value = start + sum(struct.unpack(f">{len(data) // 2}H", data))
    while value >> 16:
        value = (value & 0xffff) + (value >> 16)
    return value


class Packet:
    """An IP packet that has left."""

    def __init__(self, interface, data, not_ready):
        self.interface, self.data, self.not_ready = interface, data, not_ready
        self.v6 = data[0] >> 4 == 6
        if self.v6:
            self.header, self.protocol, self.ttl = 40, data[6], data[7]
            self.to = socket.inet_ntop(socket.AF_INET6, data[24:40])
        else:
            self.header, self.protocol, self.ttl = (data[0] & 15) * 4, data[9], data[8]
            self.to = socket.inet_ntop(socket.AF_INET, data[16:20])
        self.body = data[self.header:]
        self.is_tcp, self.is_udp = self.protocol == 6, self.protocol == 17
        self.from_port = self.to_port = self.flags = 0
        if self.is_tcp or self.is_udp:
            self.from_port, self.to_port = struct.unpack(">HH", self.body[:4])
        if self.is_tcp:
            self.flags = self.body[13]
            self.window, = struct.unpack(">H", self.body[14:16])
            self.options = self.body[20:(self.body[12] >> 4) * 4]

    @property
    def is_syn(self):
        return self.flags & (SYN | ACK) == SYN

    def has_right_sums(self):
        """Of IPv4, and of TCP: complete, or of the pseudo header where the device completes it."""
        if not self.v6 and total(self.data[:self.header]) != 0xffff:
            return False
        addresses = self.data[8:40] if self.v6 else self.data[12:20]
        pseudo = total(addresses, self.protocol + len(self.body))
        if self.not_ready:
            return struct.unpack(">H", self.body[16:18])[0] == pseudo
        return total(self.body, pseudo) == 0xffff


class Capture:
    """Everything that leaves by interfaces of this name's beginning, whichever of them there are."""

    def __init__(self, beginning="dg"):
        self.beginning = beginning
        self.packets = []
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 32 << 20)  # SO_RCVBUFFORCE
        self.socket.settimeout(0.1)
        self.ended = False
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        time.sleep(0.2)
        self.ended = True
        self.thread.join()
        self.socket.close()

    def run(self):
        while not self.ended:
            with contextlib.suppress(TimeoutError, OSError):
                data, ancillary, _, source = self.socket.recvmsg(65536, 256)
                interface, protocol, kind = source[:3]
                if kind != OUTGOING or not interface.startswith(self.beginning):
                    continue
                if protocol not in (0x0800, 0x86dd):
                    continue
                status = next((struct.unpack_from("I", value)[0] for level, name, value in ancillary
                               if (level, name) == (SOL_PACKET, PACKET_AUXDATA)), 0)
                self.packets.append(Packet(interface, data, bool(status & NOT_READY)))

    def wait_for(self, wanted, count=1, limit=10):
        end = time.monotonic() + limit
        while time.monotonic() < end:
            found = [packet for packet in list(self.packets) if wanted(packet)]
            if len(found) >= count:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{count} such packets have not left in {limit} s")
