// p0f itself, listening to an interface. It tells what it takes each SYN for, by the sender's
// family and port.
#pragma once

#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "tests/fingerprint/database.h"
#include "tests/support/temporary_folder.h"

namespace airlane::test {

struct Verdict {
  std::string name;    // "Linux 3.11 and newer", "???" for what it does not know
  std::string params;  // "none"; "generic", "fuzzy", "random_ttl" and others
  std::string raw;     // What it saw, as a signature.
};

class P0f {
 public:
  // Ports of the two families have nothing to do with each other.
  static unsigned sender(unsigned port, bool v6) { return port + (v6 ? 65536 : 0); }

  // In the network namespace of the calling thread.
  explicit P0f(const std::string& interface) : log_(folder_.path("log")) {
    process_ = fork();
    if (process_ != 0) return;
    // Ends with the test, however that ends.
    const auto out = folder_.path("out");
    const auto command = "exec setpriv --pdeathsig KILL p0f -i " + interface + " -f " + kDatabase +
                         " -o " + log_ + " >" + out + " 2>&1";
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  P0f(P0f&&) = delete;
  ~P0f() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

  // Sends until p0f has heard something, which it does some time after it was started.
  bool await(const std::function<void()>& send) {
    for (int tries = 0; tries < 200; ++tries) {
      send();
      if (!verdicts().empty()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }

  // Waits for the SYN of this sender to be judged; empty if that takes more than ten seconds.
  std::map<unsigned, Verdict> await_sender(unsigned sender) {
    for (int tries = 0; tries < 200; ++tries) {
      auto found = verdicts();
      if (found.contains(sender)) return found;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return {};
  }

  std::string output() const {
    std::ifstream file(folder_.path("out"));
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  // [date] mod=syn|cli=ADDRESS/PORT|srv=...|subj=cli|os=...|dist=0|params=none|raw_sig=...
  // Its own tool, sendsyn, has a line of its own.
  std::map<unsigned, Verdict> verdicts() const {
    std::map<unsigned, Verdict> found;
    std::ifstream file(log_);
    for (std::string line; std::getline(file, line) && !file.eof();) {
      const bool syn = line.find("mod=syn|") != std::string::npos ||
                       line.find("mod=sendsyn probe|") != std::string::npos;
      if (!syn) continue;
      const auto client = value(line, "|cli=");
      const auto port = std::stoul(client.substr(client.find('/') + 1));
      const auto system = value(line, "|os=");
      const bool v6 = client.find(':') != std::string::npos;
      found[sender(static_cast<unsigned>(port), v6)] = {
          system.empty() ? value(line, "|app=") : system, value(line, "|params="),
          value(line, "|raw_sig=")};
    }
    return found;
  }

  static std::string value(const std::string& line, const std::string& key) {
    const auto at = line.find(key);
    if (at == std::string::npos) return {};
    const auto start = at + key.size();
    return line.substr(start, line.find('|', start) - start);
  }

  TemporaryFolder folder_;
  std::string log_;
  pid_t process_ = -1;
};

}  // namespace airlane::test
