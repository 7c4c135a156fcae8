DROP INDEX restart_requests_by_state;
DROP INDEX alarms_questioned;
DROP INDEX actions_unverified;
DROP INDEX pauses_holding;
DROP INDEX incidents_by_reporter;
DROP INDEX incidents_open;
