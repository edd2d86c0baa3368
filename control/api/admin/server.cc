#include "control/api/admin/answers.h"
#include "control/api/admin/body.h"
#include "control/api/admin/resources.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

std::string_view word_of(Life::State::Upgrade upgrade) {
  switch (upgrade) {
    case Life::State::Upgrade::kNone:
      return "none";
    case Life::State::Upgrade::kRunning:
      return "running";
    case Life::State::Upgrade::kFailed:
      return "failed";
  }
  return "";
}

Json json_of(const Life::State& state) {
  Json json{{"pid", state.pid}, {"version", state.version}, {"upgrade", word_of(state.upgrade)}};
  json["reason"] = state.reason.empty() ? Json(nullptr) : Json(state.reason);
  json["draining"] = state.draining == 0 ? Json(nullptr) : Json(state.draining);
  return json;
}

void get_server(Context& context, const AdminCall& call) {
  answer_one(call, json_of(context.backend.life()));
}

void upgrade(Context& context, const AdminCall& call) {
  const auto begun = context.backend.upgrade();
  if (!begun) return admin_failure(call, begun.error());
  answer_one(call, json_of(context.backend.life()));
}

void back_up(Context& context, const AdminCall& call) {
  std::string file;
  AdminBody body(call);
  body.text("file", file);
  if (!file.empty() && !file.starts_with('/')) {
    body.refuse("file", "The file of a backup must be named by its whole path, from / on.");
  }
  if (!body.is_good_or_answered()) return;
  context.backend.back_up(file, [call](const Outcome<Backups::Made>& made) {
    if (!made) return admin_failure(call, made.error());
    answer_one(call, {{"file", made->path}, {"bytes", made->bytes}});
  });
}

constexpr std::string_view kUpgrades[] = {"none", "running", "failed"};

constexpr Field kServerFields[] = {
    {.name = "pid", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "Of this process."},
    {.name = "version", .use = Field::kTold, .meaning = "Of the program."},
    {.name = "upgrade",
     .use = Field::kTold,
     .meaning = "As this process sees it: after one that went well another `pid` answers.",
     .choices = kUpgrades},
    {.name = "reason",
     .use = Field::kTold,
     .nullable = true,
     .meaning = "Why the upgrade failed, in a sentence."},
    {.name = "draining",
     .kind = Kind::kWhole,
     .use = Field::kTold,
     .nullable = true,
     .meaning = "The process before this one, while it still has connections."},
};
constexpr Shape kServer{"Server", kServerFields};

constexpr Field kBackupFields[] = {
    {.name = "file",
     .use = Field::kOnce,
     .required = true,
     .meaning = "A file that is not there yet, by its whole path on the server's machine."},
    {.name = "bytes", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "How large it is."},
};
constexpr Shape kBackup{"Backup", kBackupFields};

constexpr Endpoint kEndpoints[] = {
    {.method = "GET",
     .path = "/server",
     .handle = get_server,
     .name = "Show the server",
     .summary = "The process that answers.",
     .scope = Scope::kRead,
     .answer = &kServer},
    {.method = "POST",
     .path = "/server/upgrade",
     .handle = upgrade,
     .name = "Upgrade the server",
     .summary = "Begins to hand everything over to the program that is installed now, and does not "
                "wait for it. 409 while it cannot begin.",
     .status = 202,
     .answer = &kServer},
    {.method = "POST",
     .path = "/server/backup",
     .handle = back_up,
     .name = "Back up the database",
     .summary =
         "Copies it to a file while it is used, and answers when the file is whole and on the "
         "disk. 409 when there is something at its place, or another backup runs; 503 when "
         "it cannot be written.",
     .body = &kBackup,
     .status = 201,
     .answer = &kBackup},
};

}  // namespace

std::span<const Endpoint> server_endpoints() { return kEndpoints; }

}  // namespace airlane::api
