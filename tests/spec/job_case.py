"""What the tests of jobs share: orders, and where their answers lead."""
import re

from contract_client import ContractCase
from farm import wait_until


class JobCase(ContractCase):
    def job(self, number):
        return self.get(f"jobs/{number}").json

    def ended(self, number):
        return wait_until(lambda: self.job(number)["state"] != "running" and self.job(number), 60,
                          f"the end of job {number}")

    def number_in(self, answer):
        """Of the job that the answer's header leads to."""
        return int(re.fullmatch(r'</api/proxy/jobs/(\d+)/>; rel="monitor"',
                                answer.headers["Link"])[1])

    def rotate(self, index, **options):
        answer = self.get("change_ip", id=self.farm.ids[index], async_="true", **options)
        return self.number_in(answer)

    def jobs(self, index, **options):
        return self.get("jobs", id=self.farm.ids[index], **options).json
