"""What script/demo runs inside its network namespace: `demo.py HOST_PID [--once]`."""
import contextlib
import ipaddress
import json
import os
import signal
import subprocess
import sys

from farm import Farm, die_with_parent, run, wait_until

# For the cable between the machine's own namespace and ours. The first ones are for documentation
# (RFC 5737), but some machines use even those: one that overlaps a route there is not taken.
CABLES = [ipaddress.ip_network(text) for text in
          ("192.0.2.0/30", "198.51.100.0/30", "10.213.77.0/30", "172.30.213.76/30")]


def choose_cable(outside):
    """Two addresses, the machine's and ours, of a network that the machine knows nothing of."""
    routes = json.loads(run(*outside, "-json", "-4", "route", "show", "table", "all"))
    known = [ipaddress.ip_network(route["dst"], strict=False) for route in routes
             if route["dst"] != "default"]
    for cable in CABLES:
        if not any(cable.overlaps(network) for network in known):
            theirs, ours = cable.hosts()
            return str(theirs), str(ours)
    raise SystemExit(f"demo: this machine has routes to all of {', '.join(map(str, CABLES))}")


def plug_cable(host_pid):
    """A veth pair from the machine's own namespace into ours; it goes away with the namespace. The
    answer is our address."""
    outside = ["nsenter", f"--net=/proc/{host_pid}/ns/net", "ip"]
    theirs, ours = choose_cable(outside)
    run("ip", "link", "add", "host0", "type", "veth", "peer", "name", "airlane-demo",
        "netns", host_pid)
    run("ip", "address", "add", f"{ours}/30", "dev", "host0")
    run("ip", "link", "set", "host0", "up")
    run(*outside, "address", "add", f"{theirs}/30", "dev", "airlane-demo")
    run(*outside, "link", "set", "airlane-demo", "up")
    return ours


def start_https(farm):
    process = subprocess.Popen(
        ["nsenter", f"--net={farm.world['internet']['netns']}", sys.executable,
         __file__.replace("demo.py", "https_origin.py"), "198.19.0.1", str(farm.folder)],
        stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent, start_new_session=True)
    if process.stdout.readline() != "ready\n":
        raise SystemExit("demo: the HTTPS origin did not start")
    return process


class DemoFarm(Farm):
    """One whose proxies are spoken to by TLS as well, with a certificate for their address."""

    def write_config(self):
        key, self.certificate = self.folder / "proxy.key", self.folder / "proxy.crt"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", "/CN=airlane-demo", "-addext",
            f"subjectAltName=IP:{self.address}", "-keyout", key, "-out", self.certificate)
        self.settings = ("[tls]\n"
                         f'certificates = [{{ certificate = "{self.certificate}", key = "{key}" }}]')
        super().write_config()


def show_lines(farm):
    api = f"http://{farm.address}:8080/api/proxy"
    first = farm.ids[0]
    print(f"""
Three proxies are up, each on a dongle of its own. In another terminal, try:

  # HTTP: the address that the internet sees is the dongle's
  curl -x {farm.proxy_url(0)} http://ip.test/
  # HTTPS by CONNECT
  curl -k -x {farm.proxy_url(1)} https://origin.test/
  # SOCKS5, the name resolved by the dongle
  curl -x {farm.proxy_url(2, "socks5h")} http://ip.test/
  # HTTPS proxy: TLS on the way to it, too (curl 8.1 and later: --proxy-http2 for HTTP/2)
  curl --proxy-cacert {farm.certificate} -x {farm.proxy_url(0, "https")} http://ip.test/
  # refused: wrong password, a destination inside
  curl -i -x {farm.proxy_url(0, credentials="johndoe:wrong")} http://ip.test/
  curl -i -x {farm.proxy_url(0)} http://192.168.8.1/

  # REST: list, external IP, rotation, traffic
  curl '{api}/list/?format=json&key={farm.key}'
  curl '{api}/ext_ip/?format=json&key={farm.key}&id={first}'
  curl '{api}/change_ip/?format=json&key={farm.key}&id={first}&show_old_ip=true'
  curl '{api}/traffic/?format=json&key={farm.key}&id={first}&data_unit=KB'
  # REST: reboot; the last proxy's dongle goes away, and that proxy refuses (503) for some seconds
  curl '{api}/reboot/?format=json&key={farm.key}&id={farm.ids[-1]}'

  # The command line
  build/release/airlane proxy list --socket {farm.socket}
  build/release/airlane rotate {first + 1} --socket {farm.socket}

User `demo`, password `letmein12345`. Ctrl-C ends it and leaves nothing behind.
""", flush=True)


class Verdict:
    def __init__(self):
        self.wrong = 0
        self.checked = 0

    def check(self, what, seen, expected):
        right = seen == expected
        self.checked += 1
        self.wrong += not right
        print(f"{'ok   ' if right else 'WRONG'}  {what}: {seen}"
              + ("" if right else f" instead of {expected}"), flush=True)


def try_everything(farm):
    verdict = Verdict()
    for index in range(farm.dongle_count):
        expected = farm.external_ip(index)
        for scheme in ("http", "socks5h"):
            seen = farm.curl(farm.proxy_url(index, scheme), "http://ip.test/").strip()
            verdict.check(f"proxy {farm.ids[index]} by {scheme} is seen as", seen, expected)
        seen = farm.curl(farm.proxy_url(index, "https"), "http://ip.test/", "--proxy-cacert",
                         farm.certificate).strip()
        verdict.check(f"proxy {farm.ids[index]} as an HTTPS proxy is seen as", seen, expected)
        seen = farm.curl(farm.proxy_url(index), "https://origin.test/", "--insecure").split()[-1]
        verdict.check(f"proxy {farm.ids[index]} by HTTPS over CONNECT is seen as", seen, expected)

    before = farm.external_ip(0)
    rotated = farm.api("change_ip", id=farm.ids[0], show_old_ip="true").json
    after = farm.external_ip(0)
    print(f"rotated: {rotated}")
    verdict.check("the rotation's old IP", rotated.get("old_ip"), before)
    verdict.check("the rotation's new IP", rotated.get("new_ip"), after)
    verdict.check("the IP has changed", before != after, True)
    wait_until(lambda: farm.dongle(0)["state"] == "up", what="the dongle")
    seen = farm.curl(farm.proxy_url(0), "http://ip.test/").strip()
    verdict.check("after the rotation it is seen as", seen, after)

    for index in range(farm.dongle_count):
        report = farm.api("traffic", id=farm.ids[index], data_unit="B").json
        print(f"traffic of proxy {farm.ids[index]}: {report['data']}")
        verdict.check("counted as the engine counted",
                      (report["data"]["incoming"], report["data"]["outgoing"]),
                      farm.counted(index))
        verdict.check("something was counted", report["data"]["total"] > 0, True)
    print(f"demo: {verdict.wrong} of {verdict.checked} checks went wrong" if verdict.wrong
          else f"demo: all {verdict.checked} checks are right")
    return 1 if verdict.wrong else 0


def main():
    address = plug_cable(sys.argv[1])
    with DemoFarm(dongles=3, address=address, public_host=address) as farm:
        https = start_https(farm)
        try:
            if "--once" in sys.argv[2:]:
                return try_everything(farm)
            show_lines(farm)
            signal.pause()
        finally:
            https.kill()
            https.wait()
    return 0


if __name__ == "__main__":
    # The shell starts us in the background, where SIGINT is ignored: Ctrl-C has to be asked for.
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(how, signal.default_int_handler)
    die_with_parent(signal.SIGTERM)  # Killed with -9, the shell cannot hand anything on.
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
