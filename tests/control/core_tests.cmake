# Accounts, farm and usage, with a fake kernel under them and a real database.
airlane_test(control_core
  SOURCES
    state_folder_test.cc
    secret_key_test.cc
    accounts_test.cc
    rotation_links_test.cc
    api_keys_test.cc
    checks_test.cc
    fingerprint_test.cc
    dresser_test.cc
    counter_rows_test.cc
    exit_test.cc
    egresses_test.cc
    egresses_kernel_test.cc
    certificates_test.cc
    world_maker_test.cc
    scheduler_test.cc
    farm_test.cc
    quotas_test.cc
    farm_schedule_test.cc
    usage_test.cc
    metrics_test.cc
    farm_jobs_test.cc
    rotation_soak_test.cc
    guard_log_test.cc
  TESTS airlane::control)
