// One run of the program: what every subcommand shares, and what the chosen one is going to do.
//
// Lives on the stack of cli::run; the subcommands keep references to it.
#pragma once

#include <CLI/App.hpp>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "cli/command_line.h"
#include "cli/connection.h"

namespace airlane::cli {

using Json = nlohmann::ordered_json;  // In the order in which the server said it.

// What a person is shown of a good answer; empty: the answer as it came.
using Show = std::function<void(std::ostream& out, const Json& answer)>;

// One request to the admin API.
struct Call {
  std::string method;
  std::string path;  // Below /api/admin/; its parts went through `escaped`.
  Json body{};       // Null: none.
  Show show{};
  std::chrono::seconds patience{30};
  bool text = false;      // A good answer is a text for other programs, not JSON.
  bool one_page = false;  // Of a list so many were asked for: what follows is not.
  // What a good answer lacks, in a sentence that goes to `err` with the status kUnchecked; or none.
  std::function<std::string(const Json& answer)> lacks{};
  std::string expected{};   // If-Match: the ETag that it must still have; empty: any.
  bool tells_etag = false;  // A good answer's ETag is printed before it, on a line of its own.
  std::string raw{};        // In the place of `body`: JSON that was written elsewhere; empty: none.
};

struct Heard {
  std::optional<Json> answer{};  // A good one.
  std::string refusal{};         // What the server said no with; empty: it did not, or nobody did.
};

struct Invocation {
  Streams streams;
  ConnectionOptions connection{};
  std::string config{};               // Of `serve` and `check-config`.
  bool json = false;                  // --json
  const CLI::App* command = nullptr;  // The chosen one, whose words an error uses.
  std::function<int()> action{};
  Tools tools{};

  // Sends the call, reads a list to its last page (but see `one_page`), prints the answer or why
  // there is none, returns the exit status.
  int perform(const Call& call) { return perform_to(streams.out, call); }
  int perform_to(std::ostream& out, const Call& call);
  // Sends the call and prints nothing.
  Heard hear(const Call& call);
  std::optional<Json> ask(const Call& call) { return hear(call).answer; }

  // One line of the input, without its end. Nothing, and it is said, where that is empty.
  std::optional<std::string> read_password();

  int fail(int status, std::string_view sentence);  // Says it on `err`, returns the status.

 private:
  int read_on(const Call& call, const Connection& server, Json& answer);
  int refused(const Call& call, const Connection& server, int status, const Json& answer);
  // Why the server did not do it, and what to do about that.
  [[nodiscard]] std::string reason_of(const Call& call, const Connection& server, int status,
                                      const Json& answer) const;
};

// A subcommand that asks the server. It prints its answer as a table, or by --json as it came.
CLI::App& client_command(CLI::App& parent, const char* name, const char* sentence,
                         Invocation& here);

// A value as a part of a path: everything but letters, digits and -._~ as %NN.
std::string escaped(std::string_view value);

}  // namespace airlane::cli
