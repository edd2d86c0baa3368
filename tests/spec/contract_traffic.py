"""The REST contract: the report of traffic, in every unit and for every way to write a time."""
import calendar
import contextlib
import json
import re
import signal
import sqlite3
import time
import unittest
from random import Random

from contract_client import ContractCase
from farm import wait_until

AMOUNTS = {"unit": str, "incoming": float, "outgoing": float, "total": float}
REPORT = {"success": bool, "from": str, "till": str, "speed_avg": AMOUNTS, "data": AMOUNTS,
          "id": int}
# How many bits one of them is.
SPEED_UNITS = {"bps": 1, "Kbps": 10**3, "Mbps": 10**6, "Bps": 8, "KBps": 8 * 10**3,
               "MBps": 8 * 10**6, "KiBps": 8 * 1024, "MiBps": 8 * 1024**2}
DATA_UNITS = {"b": 1, "B": 8, "KB": 8 * 10**3, "MB": 8 * 10**6, "GB": 8 * 10**9,
              "KiB": 8 * 1024, "MiB": 8 * 1024**2, "GiB": 8 * 1024**3}
HOUR, DAY = 3600, 86400
NOON = 1772366400  # 2026-03-01T12:00:00Z


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Traffic(ContractCase):
    @classmethod
    def prepare(cls):
        cls.start = int(time.time()) // 60 * 60
        cls.farm.curl(cls.farm.proxy_url(0), "http://origin.test/bytes/3000000", "-o", "/dev/null")
        cls.farm.curl(cls.farm.proxy_url(0), "http://origin.test/upload", "-o", "/dev/null",
                      "--data-binary", "x" * 50000)
        wait_until(lambda: cls.settled(), what="the counters")
        cls.incoming, cls.outgoing = cls.farm.counted(0)

    @classmethod
    def settled(cls):
        """The proxy has counted the last byte, and the report has it."""
        incoming, outgoing = cls.farm.counted(0)
        return (incoming > 3000000 and outgoing > 50000 and
                (incoming, outgoing) == cls.farm.traffic(0) == cls.farm.counted(0))

    def report(self, **options):
        options = {"id": self.proxy} | options
        answer = self.get("traffic", **options).json
        self.assert_fields(answer, REPORT)
        return answer

    def span(self, **options):
        answer = self.report(**options)
        return answer["from"], answer["till"]

    def assert_refused(self, *words, **options):
        self.assert_detail(self.farm.api("traffic", id=self.proxy, **options), 400, *words)

    def test_the_fields_are_those_of_the_contract(self):
        status, kind, body = self.curl("traffic", format="json", id=self.proxy)
        self.assertEqual((status, kind), (200, "application/json"))
        answer = json.loads(body)
        self.assert_fields(answer, REPORT)
        self.assertEqual((answer["success"], answer["id"]), (True, self.proxy))
        for time_ in (answer["from"], answer["till"]):
            self.assertRegex(time_, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    def test_a_float_is_one_even_when_it_is_whole(self):
        for options in ({"from_": 0}, {"from_": NOON - 60, "till": NOON}):
            text = self.get("traffic", id=self.proxy, **options).text
            numbers = re.findall(r'"(?:incoming|outgoing|total)": ?([^,}]+)', text)
            self.assertEqual(len(numbers), 6)
            for number in numbers:
                self.assertRegex(number, r"^\d+\.\d+(e[+-]\d+)?$")
        self.assertIn('"incoming":0.0', text)

    def test_the_defaults_are_thirty_days_till_now_in_bits(self):
        now = int(time.time())
        answer = self.report()
        till = time.strptime(answer["till"], "%Y-%m-%dT%H:%M:%SZ")
        seconds = calendar.timegm(till)
        self.assertIn(seconds - now, range(30))
        self.assertEqual(answer["from"], iso(seconds - 30 * DAY))
        self.assertEqual((answer["speed_avg"]["unit"], answer["data"]["unit"]), ("bps", "b"))
        self.assertEqual(answer["data"], {
            "unit": "b", "incoming": self.incoming * 8.0, "outgoing": self.outgoing * 8.0,
            "total": (self.incoming + self.outgoing) * 8.0})

    def test_every_data_unit_has_its_factor(self):
        for unit, bits in DATA_UNITS.items():
            data = self.report(from_=0, data_unit=unit)["data"]
            self.assertEqual(data["unit"], unit)
            self.assert_amounts(data, bits)

    def test_every_speed_unit_has_its_factor(self):
        span = {"from_": self.start - 600, "till": self.start + 1400}
        for unit, bits in SPEED_UNITS.items():
            speed = self.report(speed_unit=unit, **span)["speed_avg"]
            self.assertEqual(speed["unit"], unit)
            self.assert_amounts(speed, bits * 2000)

    def assert_amounts(self, amounts, bits):
        self.assertAlmostEqual(amounts["incoming"], self.incoming * 8 / bits, places=9)
        self.assertAlmostEqual(amounts["outgoing"], self.outgoing * 8 / bits, places=9)
        self.assertAlmostEqual(amounts["total"], (self.incoming + self.outgoing) * 8 / bits,
                               places=9)

    def test_units_do_not_mix_and_capitals_matter(self):
        answer = self.report(from_=0, speed_unit="KiBps", data_unit="MB")
        self.assertEqual((answer["speed_avg"]["unit"], answer["data"]["unit"]), ("KiBps", "MB"))
        for unit in ("BPS", "kbps", "mbps", "Gbps", "GBps", "GiBps", "KB", "b", "0", "bps "):
            self.assert_refused('"speed_unit"', speed_unit=unit)
        for unit in ("kb", "mb", "Kb", "kB", "kib", "TB", "TiB", "bps", "0", "B "):
            self.assert_refused('"data_unit"', data_unit=unit)

    def test_a_span_without_traffic_is_all_zero(self):
        for options in ({"from_": NOON, "till": NOON + 60}, {"till": self.start - 3600},
                        {"from_": self.start + 7200, "till": self.start + 9000},
                        {"delta": 0}, {"from_": NOON, "till": NOON}):
            answer = self.report(**options)
            for amounts in (answer["speed_avg"], answer["data"]):
                self.assertEqual(list(amounts.values())[1:], [0.0, 0.0, 0.0])

    def test_delta_with_every_suffix(self):
        for delta, seconds in (("90", 90), ("90s", 90), ("2m", 120), ("3h", 10800), ("4d", 4 * DAY),
                               ("5w", 35 * DAY), ("2592000", 30 * DAY), ("30d", 30 * DAY),
                               ("0", 0), ("007s", 7)):
            self.assertEqual(self.span(delta=delta, till=NOON), (iso(NOON - seconds), iso(NOON)))

    def test_a_delta_that_makes_no_sense_is_refused(self):
        for delta in ("abc", "s", "1.5h", "-5", "+5", "5x", "5D", "5ms", "1h30m", "5 d",
                      "99999999999999999999", "9999999999w"):
            self.assert_refused('"delta"', delta=delta)

    def test_from_beats_delta(self):
        for delta in ("5m", "nonsense"):
            self.assertEqual(self.span(from_=NOON - 7, delta=delta, till=NOON),
                             (iso(NOON - 7), iso(NOON)))

    def test_times_in_every_form(self):
        for text in (NOON, f"{NOON}.9", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00",
                     "2026-03-01T12:00", "2026-03-01T12:00Z", "2026-03-01 12:00:00",
                     "2026-03-01T12:00:00.999Z", "2026-03-01T12:00:00,5Z", "20260301T120000Z",
                     "2026-03-01T14:00:00+02:00", "2026-03-01T14:00:00+0200",
                     "2026-03-01T14:00:00+02", "2026-03-01T06:30:00-05:30",
                     "2026-03-02T02:00:00+14:00", "2026-03-01t12:00:00z", "2026-03-01T12",
                     "2026-W09-7T12:00Z", "2026W097T120000", "2026-060T12:00:00Z",
                     "2026-02-28T24:00-12:00", "2026-03-01T11:59:60Z"):
            self.assertEqual(self.span(from_=text, till=NOON + 60)[0], iso(NOON), text)
            self.assertEqual(self.span(from_=0, till=text), (iso(0), iso(NOON)), text)
        self.assertEqual(self.span(from_="2026-03-01", till="2026-03-02"),
                         ("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"))
        self.assertEqual(self.span(from_="2024-02-29", till=NOON)[0], "2024-02-29T00:00:00Z")

    def test_a_plus_that_nobody_escaped_is_understood(self):
        answer = self.raw("traffic", f"id={self.proxy}&till={NOON}&from=2026-03-01T01:00:00+02:00")
        self.assert_json(answer)
        self.assertEqual(answer.json["from"], "2026-02-28T23:00:00Z")

    def test_till_takes_the_name_of_its_default(self):
        now = time.time()
        till = self.span(till="now")[1]
        self.assertIn(till, [iso(now + seconds) for seconds in range(30)])

    def test_a_time_that_makes_no_sense_is_refused(self):
        for text in ("abc", "-1", "2026-13-01", "2026-02-29", "2026-03-01T25:00", "2026-3-1",
                     "2026-03-01T12:60:00", "2026-03-01T12:00:00+25:00", "2026-03-01T12:00:00Zx",
                     "01.03.2026", "1e9", "999999999999999", "12:00", "2026-03-01T", "0x10",
                     "1960-01-01", "yesterday"):
            self.assert_refused('"from"', from_=text)
            self.assert_refused('"till"', till=text)

    def test_the_beginning_is_not_after_the_end(self):
        self.assert_refused('"from"', from_=NOON + 1, till=NOON)
        self.assert_refused('"from"', from_=int(time.time()) + 600)

    def test_no_time_has_a_fifth_digit_in_its_year(self):
        self.assertEqual(self.span(from_=0, till="9999-12-31T23:59:59Z")[1], "9999-12-31T23:59:59Z")
        self.assert_refused('"till"', from_=0, till="9999-12-31T23:59:59-01:00")
        self.assert_refused('"till"', from_=0, till=253402300800)

    def test_a_delta_before_the_beginning_of_time_stops_there(self):
        self.assertEqual(self.span(till=60, delta="1d"), (iso(0), iso(60)))

    def test_another_proxy_of_the_same_dongle_has_its_own_account(self):
        other = self.farm.add_proxy("d0", 20101)["id"]
        answer = self.report(id=other, from_=0)
        self.farm.cli("proxy", "remove", other)
        self.assertEqual((answer["id"], answer["data"]["total"]), (other, 0.0))

    def test_head_answers_the_headers(self):
        answer = self.farm.api("traffic", "HEAD", id=self.proxy)
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(self.farm.api("traffic", "HEAD", id=self.proxy, delta="x").status, 400)


@contextlib.contextmanager
def database_of(farm):
    """Behind the back of a server that is down meanwhile: it locks its database."""
    farm.stop_server()
    path = next((farm.folder / "state").glob("*.db"))
    with contextlib.closing(sqlite3.connect(path)) as database:
        yield database
        database.commit()
    farm.start_server()


class Aged(ContractCase):
    """Traffic of long ago: every minute of three hours, 500, 50 and 20 days ago and today."""

    @classmethod
    def prepare(cls):
        random = Random(20260301)
        today = int(time.time()) // DAY * DAY
        cls.long_ago, cls.before, cls.lately = (today - days * DAY for days in (500, 50, 20))
        cls.today = int(time.time()) // HOUR * HOUR - 4 * HOUR
        cls.minutes = {}  # Of the beginning of each: incoming, outgoing.
        with database_of(cls.farm) as database:
            for begin in (cls.long_ago, cls.before, cls.lately, cls.today):
                for minute in range(begin, begin + 3 * HOUR, 60):
                    moved = random.randrange(1 << 30), random.randrange(1 << 20)
                    cls.minutes[minute] = moved
                    database.execute("INSERT INTO traffic_recent VALUES (?, ?, ?, ?)",
                                     (minute // 60, cls.farm.ids[0], *moved))

    def moved(self, from_, till):
        data = self.get("traffic", id=self.proxy, from_=from_, till=till, data_unit="B").json["data"]
        return data["incoming"], data["outgoing"]

    def between(self, from_, till, piece=60):
        """The same of the minutes that were put in, as they lie in pieces of so many seconds."""
        pieces = {}
        for minute, moved in self.minutes.items():
            begin = minute // piece * piece
            pieces[begin] = [sum(pair) for pair in zip(pieces.get(begin, (0, 0)), moved)]
        total = [0, 0]
        for begin, moved in pieces.items():
            first, last = (min(max(at - begin, 0), piece) for at in (from_, till))
            for i in (0, 1):
                total[i] += moved[i] * last // piece - moved[i] * first // piece
        return tuple(map(float, total))

    def check(self, from_, till, piece=60):
        self.assertEqual(self.moved(from_, till), self.between(from_, till, piece), (from_, till))

    def check_all(self):
        random = Random(1)
        for begin in (self.lately, self.today):
            for _ in range(20):
                from_ = begin + random.randrange(-HOUR, 3 * HOUR)
                self.check(from_, from_ + random.randrange(4 * HOUR))
        for hour in range(3):
            self.check(self.before + hour * HOUR, self.before + 3 * HOUR)
            self.check(self.before + hour * HOUR, self.today + 1234)
        self.check(self.long_ago, self.long_ago + DAY)
        self.check(0, int(time.time()))
        for days in (30, 35, 45, 55, 600):
            till = int(time.time())
            self.check(till - days * DAY, till)

    def is_aged(self):
        half = self.before + 1800, self.before + HOUR
        noon = self.long_ago, self.long_ago + DAY // 2
        return (self.moved(*half) == self.between(*half, HOUR) and
                self.moved(*noon) == self.between(*noon, DAY))

    def test_old_traffic_is_still_the_same_traffic(self):
        self.check_all()  # While it ages.
        wait_until(self.is_aged, what="its age")
        self.check_all()
        for from_, till in ((self.before + 7, self.before + 5000), (self.before - 9, self.lately)):
            self.check(from_, till, HOUR)
        self.check(self.long_ago + 12345, self.long_ago + 54321, DAY)
        self.farm.stop_server(signal.SIGKILL)
        self.farm.start_server()
        self.check_all()
        self.assertTrue(self.is_aged())


class WithoutDatabase(ContractCase):
    def rename(self, old, new):
        with database_of(self.farm) as database:
            database.execute(f"ALTER TABLE {old} RENAME TO {new}")

    def test_a_report_that_cannot_be_made_is_a_failure_with_the_id(self):
        self.rename("traffic_hours", "elsewhere")
        answer = self.get("traffic", 503, id=self.proxy)
        self.assert_fields(answer.json, {"success": bool, "error": str, "id": int})
        self.assertEqual(answer.json, {"success": False, "error": "Failed to get traffic usage",
                                       "id": self.proxy})
        self.rename("elsewhere", "traffic_hours")
        self.get("traffic", id=self.proxy)


if __name__ == "__main__":
    unittest.main(verbosity=2)
