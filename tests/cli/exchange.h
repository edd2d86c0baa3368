// One run of the program against a server with a prepared answer, and what it was asked.
#pragma once

#include <string>
#include <vector>

#include "tests/cli/fake_server.h"
#include "tests/cli/shell.h"

namespace airlane::test {

struct Exchange {
  Reply result;
  std::string request;
  std::string body;
};

// Runs the words against a server that gives this answer.
inline Exchange ask(std::vector<std::string> words, int status, const std::string& answer,
                    const std::string& input = "") {
  FakeServer server(status, answer);
  words.insert(words.end(), {"--socket", server.socket()});
  auto result = airlane_says(words, input);
  server.stop();
  return {result, server.request, server.body};
}

}  // namespace airlane::test
