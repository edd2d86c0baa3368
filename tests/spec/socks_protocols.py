"""SOCKS in all its versions with curl, byte by byte, and BIND with a peer that connects."""
import socket
import struct
import subprocess
import time
import unittest

from farm import FIRST_PORT, PASSWORD, Farm, Socks5, die_with_parent, run, wait_until
from packets import ACK, SYN, Capture
from socks_client import packed, unpacked

OPEN_PORT = 20131  # Of a proxy to which 127.0.0.2 needs no password.

# Connects from the internet's origin to the address in its arguments, says hello, echoes a line.
PEER = """
import socket, sys
peer = socket.create_connection((sys.argv[1], int(sys.argv[2])), 10, (sys.argv[3], 0))
peer.sendall(b"hello from outside\\n")
peer.sendall(peer.makefile("rb").readline())
peer.shutdown(socket.SHUT_WR)
peer.recv(1)
"""


def says(client, data, bytewise):
    for at in range(len(data)) if bytewise else [slice(None)]:
        client.sendall(data[at:at + 1] if bytewise else data)
        if bytewise:
            time.sleep(0.005)


def let_the_internet_in(farm, index):
    """As for a customer with a public address: the modem sends it all to the computer."""
    run("nsenter", f"--net={farm.world['dongles'][index]['netns']}", "nft", "-f", "-",
        input="""table ip dmz {
            chain arriving {
              type nat hook prerouting priority -100; policy accept;
              iifname "wan" tcp dport 1024-65535 dnat to 192.168.8.100
            }
          }""")


class SocksProtocols(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(Farm(dongles=2, settings="""
[timeouts]
bind = "3s"
"""))
        cls.farm.add_proxy("d0", OPEN_PORT, "--whitelist", "127.0.0.2/32")
        let_the_internet_in(cls.farm, 0)

    def curl(self, *options, source="127.0.0.2"):
        return run("curl", "-sS", "--max-time", 20, "--interface", source, *options, check=False)

    def raw(self, source="127.0.0.2"):
        return socket.create_connection(("127.0.0.1", OPEN_PORT), 10, (source, 0))

    def test_curl_by_every_version(self):
        expected = self.farm.external_ip(0)
        proxy = f"127.0.0.1:{OPEN_PORT}"
        for option, url in (("--socks4", "http://198.19.0.2/"), ("--socks4a", "http://ip.test/"),
                            ("--socks5", "http://198.19.0.2/"),
                            ("--socks5-hostname", "http://ip.test/")):
            self.assertEqual(self.curl(option, proxy, url).strip(), expected, option)

    def test_socks4_needs_a_listed_source(self):
        for port in (OPEN_PORT, FIRST_PORT):
            for user in ("", f"johndoe:{PASSWORD}@", "johndoe@"):
                answer = run("curl", "-sS", "--proxy", f"socks4://{user}127.0.0.1:{port}",
                             "http://198.19.0.2/", check=False)
                self.assertEqual(answer, "")
        with self.raw("127.0.0.1") as client:
            client.sendall(b"\4\1\0\x50" + socket.inet_aton("198.19.0.2") + b"johndoe\0")
            self.assertEqual(client.recv(100), b"\0\x5b" + bytes(6))
            self.assertEqual(client.recv(1), b"")

    def test_socks4_replies(self):
        for host, port, granted in (("198.19.0.1", 80, True), ("198.19.0.1", 81, False),
                                    ("10.0.0.1", 80, False), ("127.0.0.1", 8080, False)):
            with self.raw() as client:
                client.sendall(b"\4\1" + struct.pack(">H", port) + socket.inet_aton(host) + b"\0")
                self.assertEqual(client.recv(8), (b"\0\x5a" if granted else b"\0\x5b") + bytes(6))
        with self.raw() as client:
            client.sendall(b"\4\1\0\x50\0\0\0\1\0nowhere.test\0")
            self.assertEqual(client.recv(8), b"\0\x5b" + bytes(6))

    def test_a_handshake_byte_by_byte_and_all_at_once(self):
        request = b"\5\1\0" + packed("echo.test", 7) + b"payload"
        log_in = b"\1\7johndoe" + bytes([len(PASSWORD)]) + PASSWORD.encode()
        for bytewise in (True, False):
            client = socket.create_connection(("127.0.0.1", FIRST_PORT), 10)
            says(client, b"\5\2\0\2" + log_in + request, bytewise)
            answer = b""
            while len(answer) < 21:
                answer += client.recv(21 - len(answer))
            self.assertEqual(answer, b"\5\2\1\0\5\0\0\1" + bytes(6) + b"payload")
            client.close()
            client = self.raw()
            says(client, b"\4\1\0\7\0\0\0\1me\0echo.test\0payload", bytewise)
            answer = b""
            while len(answer) < 15:
                answer += client.recv(15 - len(answer))
            self.assertEqual(answer, b"\0\x5a" + bytes(6) + b"payload")
            client.close()

    def test_the_longest_name_is_taken_and_is_not_found(self):
        client = Socks5(FIRST_PORT)
        client.log_in()
        name = ".".join(["a" * 63] * 3 + ["b" * 56]) + ".test"
        self.assertEqual(len(name), 253)
        self.assertEqual(client.connect(name, 80), 4)

    # BIND

    def bind(self, host="0.0.0.0", port=0):
        client = Socks5(FIRST_PORT)
        client.log_in()
        client.socket.sendall(b"\5\2\0" + packed(host, port))
        return client, client.read(10)

    def peer(self, port, source="198.19.0.1"):
        """Somebody on the internet, who connects to the dongle's external address."""
        return subprocess.Popen(
            ["nsenter", f"--net={self.farm.world['internet']['netns']}", "python3", "-c", PEER,
             self.farm.external_ip(0), str(port), source], preexec_fn=die_with_parent,
            stderr=subprocess.DEVNULL)

    def announced(self, answer):
        self.assertEqual(answer[:4], b"\5\0\0\1")
        (host, port), _ = unpacked(answer[3:])
        self.assertEqual(host, "192.168.8.100", "the dongle's own address")
        self.assertEqual(run("ss", "-Hltn", "sport", "=", port).split()[3],
                         f"192.168.8.100%dg0:{port}")
        return port

    def converse(self, client, peer):
        self.assertEqual(client.read(19), b"hello from outside\n")
        client.socket.sendall(b"hello from inside\n")
        self.assertEqual(client.read(100), b"hello from inside\n")
        client.close()
        self.assertEqual(peer.wait(10), 0)

    def test_bind_answers_twice_and_carries_bytes(self):
        for host in ("198.19.0.1", "0.0.0.0", "origin.test"):
            before = self.farm.counted(0)
            client, first = self.bind(host)
            peer = self.peer(self.announced(first))
            second = client.read(10)
            self.assertEqual(second[:8], b"\5\0\0\1" + socket.inet_aton("198.19.0.1"))
            self.converse(client, peer)
            after = self.farm.counted(0)
            self.assertEqual((after[0] - before[0], after[1] - before[1]), (37, 18))

    def test_bind_by_socks4(self):
        with self.raw() as client:
            client.sendall(b"\4\2\0\0" + socket.inet_aton("198.19.0.1") + b"\0")
            first = client.recv(8)
            self.assertEqual((first[:2], first[4:]), (b"\0\x5a", socket.inet_aton("192.168.8.100")))
            peer = self.peer(struct.unpack(">H", first[2:4])[0])
            self.assertEqual(client.recv(2), b"\0\x5a")
            peer.kill()
            peer.wait()

    def test_bind_takes_the_announced_peer_only(self):
        client, first = self.bind("198.19.0.1")
        port = self.announced(first)
        stranger = self.peer(port, "198.19.0.53")
        self.assertNotEqual(stranger.wait(10), 0)
        peer = self.peer(port)
        self.assertEqual(client.read(10)[1], 0)
        self.converse(client, peer)

    def test_bind_answers_its_peer_with_the_ttl_of_the_fingerprint(self):
        def dress(fp):
            answer = self.farm.admin("PATCH", f"proxies/{self.farm.ids[0]}", {"fp": fp})
            self.assertEqual(answer.status, 200, answer.text)
        dress("windows-10")
        self.addCleanup(dress, "")
        with Capture() as capture:
            client, first = self.bind("198.19.0.1")
            port = self.announced(first)
            peer = self.peer(port)
            self.assertEqual(client.read(10)[1], 0)
            self.converse(client, peer)
        sent = [packet for packet in capture.packets if packet.is_tcp and packet.from_port == port]
        self.assertTrue(sent[0].flags & SYN and sent[0].flags & ACK)
        self.assertGreater(len(sent), 3)
        self.assertEqual({packet.ttl for packet in sent}, {128})

    def test_bind_does_not_wait_for_ever(self):
        client, first = self.bind()
        port = self.announced(first)
        self.assertEqual(client.read(10)[1], 4)
        self.assertEqual(client.read(1), b"")
        self.assertEqual(run("ss", "-Hltn", "sport", "=", port), "")

    def test_bind_stops_listening_when_its_client_goes(self):
        client, first = self.bind()
        port = self.announced(first)
        client.close()
        wait_until(lambda: run("ss", "-Hltn", "sport", "=", port) == "", 2, "its end")

    def test_bind_for_a_peer_inside_is_refused(self):
        for host in ("10.0.0.1", "127.0.0.1", "192.168.8.1"):
            client, first = self.bind(host)
            self.assertEqual(first[1], 2, host)
            client.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
