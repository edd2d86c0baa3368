// Export and import.
#include "control/api/admin/body.h"
#include "control/api/admin/document.h"
#include "control/api/admin/resources.h"
#include "control/api/request_options.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

bool is_chosen(const AdminCall& call, std::string_view name, bool otherwise) {
  const std::string* const text = call.option(name);
  return text ? parse_bool(*text).value_or(otherwise) : otherwise;
}

void export_all(Context& context, const AdminCall& call) {
  const bool with_traffic = is_chosen(call, "traffic", true);
  auto write = [with_traffic, now = context.settings.wall(),
                program = context.backend.life().version](const Contents& contents) {
    return write_document(contents, program, with_traffic, now);
  };
  context.backend.export_all(with_traffic, std::move(write),
                             [call](const Outcome<std::string>& document) {
                               if (!document) return admin_failure(call, document.error());
                               answer_text(call, *document);
                             });
}

std::vector<WrongField> fields_of(const std::vector<Fault>& faults) {
  std::vector<WrongField> wrong;
  wrong.reserve(faults.size());
  for (const auto& [field, sentence] : faults) wrong.push_back({field, sentence});
  return wrong;
}

void answer(const AdminCall& call, bool dry_run, const Transfers::Result& result) {
  if (!result.is_readable) {
    return admin_error(call, 400, "malformed", "The body must be a JSON object.");
  }
  if (!result.faults.empty()) return admin_invalid(call, fields_of(result.faults));
  if (!result.conflicts.empty()) return admin_conflict(call, fields_of(result.conflicts));
  call.json(call.endpoint().status, {{"dry_run", dry_run},
                                     {"users", result.users},
                                     {"keys", result.keys},
                                     {"dongles", result.dongles},
                                     {"proxies", result.proxies},
                                     {"credentials", result.credentials}});
}

void import_all(Context& context, const AdminCall& call) {
  const bool dry_run = is_chosen(call, "dry_run", false);
  // What the other thread holds is the text alone: it shall not end up with the call.
  auto read = [text = std::make_shared<const std::string>(call.request().body)] {
    return read_document(*text);
  };
  context.backend.import_all(std::move(read), dry_run,
                             [call, dry_run](const Outcome<Transfers::Result>& result) {
                               if (!result) return admin_failure(call, result.error());
                               answer(call, dry_run, *result);
                             });
}

constexpr Field kExportQuery[] = {
    {.name = "traffic",
     .kind = Kind::kFlag,
     .fallback = "true",
     .meaning = "Whether the counted bytes are in it."},
};
constexpr Field kImportQuery[] = {
    {.name = "dry_run",
     .kind = Kind::kFlag,
     .fallback = "false",
     .meaning = "Only say how it would go. Whether fingerprints can be given is not tried then."},
};

constexpr Field kDoneFields[] = {
    {.name = "dry_run",
     .kind = Kind::kFlag,
     .use = Field::kTold,
     .meaning = "Whether it was only looked at."},
    {.name = "users", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "How many came."},
    {.name = "keys", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "Their named keys."},
    {.name = "dongles", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "Likewise."},
    {.name = "proxies", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "Likewise."},
    {.name = "credentials", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "Likewise."},
};
constexpr Shape kDone{"Imported", kDoneFields};

constexpr Endpoint kEndpoints[] = {
    {.method = "GET",
     .path = "/export",
     .handle = export_all,
     .name = "Export everything",
     .summary = "One document of all users, dongles and proxies with everything that belongs to "
                "them. **It has passwords and keys in the clear**, for a server with another key "
                "to its secrets: keep it as you would keep them.",
     .query = kExportQuery,
     .answer = &kDocumentShape},
    {.method = "POST",
     .path = "/import",
     .handle = import_all,
     .name = "Import a document",
     .summary = "Adds all of an export, or nothing, in one transaction, and changes nothing that "
                "is there: 409 with everything in `fields` that contradicts it. Over the Unix "
                "socket the body may have 64 MiB, over TCP what every body may have.",
     .query = kImportQuery,
     .body = &kDocumentShape,
     .answer = &kDone},
};

}  // namespace

std::span<const Endpoint> transfer_endpoints() { return kEndpoints; }

}  // namespace airlane::api
