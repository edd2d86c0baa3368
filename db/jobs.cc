#include "db/jobs.h"

#include <limits>

#include "db/database.h"
#include "db/transaction.h"

namespace airlane::jobs {
namespace {

JobRecord read(const Statement& row) {
  JobRecord job{.id = row.integer(0),
                .proxy = row.integer(1),
                .user = row.integer(2),
                .dongle = row.integer(3),
                .action = row.text(4),
                .cause = row.text(5),
                .state = row.text(6),
                .until = row.text(7),
                .reached = std::nullopt,
                .old_ip = row.optional_text(9),
                .new_ip = row.optional_text(10),
                .started = row.time(11),
                .took = std::nullopt,
                .attempts = row.integer(13),
                .error = row.text(14)};
  if (!row.is_null(8)) job.reached = row.integer(8) != 0;
  if (!row.is_null(12)) job.took = std::chrono::milliseconds(row.integer(12));
  return job;
}

}  // namespace

Outcome<Done> put(Database& database, const JobRecord& job, std::int64_t most) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  std::optional<std::int64_t> took;
  if (job.took) took = job.took->count();
  std::optional<std::int64_t> reached;
  if (job.reached) reached = *job.reached ? 1 : 0;
  auto written = database.execute(
      "INSERT INTO jobs (id, proxy, user, dongle, action, cause, state, until, reached, old_ip, "
      "new_ip, started, took, attempts, error) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) "
      "ON CONFLICT (id) DO UPDATE SET state = ?7, reached = ?9, old_ip = ?10, new_ip = ?11, "
      "took = ?13, attempts = ?14, error = ?15",
      job.id, job.proxy, job.user, job.dongle, job.action, job.cause, job.state, job.until, reached,
      job.old_ip, job.new_ip, job.started, took, job.attempts, job.error);
  if (!written) return written;
  auto forgotten = database.execute(
      "DELETE FROM jobs WHERE dongle = ?1 AND id <= "
      "(SELECT id FROM jobs WHERE dongle = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
      job.dongle, most);
  if (!forgotten) return forgotten;
  return transaction->commit();
}

Outcome<Done> fail_running(Database& database, const std::string& error) {
  return database.execute("UPDATE jobs SET state = 'failed', error = ?1 WHERE state = 'running'",
                          error);
}

// SQLite remembers it beyond the rows that were forgotten.
Outcome<std::int64_t> last_id(Database& database) {
  const auto last =
      database.select_one<std::int64_t>("SELECT seq FROM sqlite_sequence WHERE name = 'jobs'",
                                        [](const Statement& row) { return row.integer(0); });
  if (!last) return last.error();
  return last->value_or(0);
}

Outcome<std::optional<JobRecord>> find(Database& database, std::int64_t id) {
  return database.select_one<JobRecord>(
      "SELECT id, proxy, user, dongle, action, cause, state, until, reached, old_ip, new_ip, "
      "started, took, attempts, error FROM jobs WHERE id = ?1",
      read, id);
}

// Those of one proxy are found by their index. All others are looked at in the order in which they
// are told, which ends soon unless few of very many fit.
Outcome<std::vector<JobRecord>> list(Database& database, const JobFilter& filter) {
  const auto before = filter.before.value_or(std::numeric_limits<std::int64_t>::max());
  if (filter.proxy) {
    return database.select<JobRecord>(
        "SELECT id, proxy, user, dongle, action, cause, state, until, reached, old_ip, new_ip, "
        "started, took, attempts, error FROM jobs WHERE proxy = ?1 "
        "AND (?2 IS NULL OR user = ?2) AND (?3 IS NULL OR dongle = ?3) "
        "AND (?4 IS NULL OR state = ?4) AND id < ?5 ORDER BY id DESC LIMIT ?6",
        read, filter.proxy, filter.user, filter.dongle, filter.state, before, filter.limit);
  }
  return database.select<JobRecord>(
      "SELECT id, proxy, user, dongle, action, cause, state, until, reached, old_ip, new_ip, "
      "started, took, attempts, error FROM jobs WHERE (?1 IS NULL OR user = ?1) "
      "AND (?2 IS NULL OR dongle = ?2) AND (?3 IS NULL OR state = ?3) AND id < ?4 "
      "ORDER BY id DESC LIMIT ?5",
      read, filter.user, filter.dongle, filter.state, before, filter.limit);
}

}  // namespace airlane::jobs
