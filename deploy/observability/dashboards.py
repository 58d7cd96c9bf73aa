"""Writes the dashboards of grafana/ from the tables below: `python deploy/observability/dashboards.py`. A test holds the files to them."""

import json
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent / "grafana"
WIDTH, HEIGHT = 8, 7  # of a panel; a row has 24
BROKEN, FAILED = 'status=~"5.."', 'status=~"[45].."'
INSTANCE = 'instance=~"$instance"'


class Panel(NamedTuple):
    title: str
    unit: str
    queries: dict[str, str]
    """By their legends; `$i` stands for the chosen instances."""
    about: str = ""
    kind: str = "timeseries"


def quantile(share: float, histogram: str, by: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({labels}) (rate({histogram}_bucket{{$i}}[$__rate_interval])))"


def rate(counter: str, by: str = "", where: str = "") -> str:
    chosen = f"$i, {where}" if where else "$i"
    return f"sum by ({by}) (rate({counter}{{{chosen}}}[$__rate_interval]))"


DASHBOARDS: dict[str, tuple[str, list[Panel]]] = {
    "overview": (
        "ProjectVoice: overview",
        [
            Panel("Processes that answer", "none", {"{{instance}} {{process}}": "projectvoice_process_up{$i}"}),
            Panel("Sockets", "none", {"{{dialect}}": "sum by (dialect) (projectvoice_sockets{$i})"}),
            Panel("People in calls", "none", {"{{kind}}": "sum by (kind) (projectvoice_peers{$i})"}),
            Panel("Requests a second", "reqps", {"{{status}}": rate("projectvoice_http_requests_total", "status")}),
            Panel(
                "Share of 5xx",
                "percentunit",
                {
                    "5xx": f"{rate('projectvoice_http_requests_total', where=BROKEN)} / {rate('projectvoice_http_requests_total')}"
                },
            ),
            Panel("Requests, p99", "s", {"p99": quantile(0.99, "projectvoice_http_request_seconds")}),
            Panel("Lag of event loops, p99", "s", {"{{process}}": quantile(0.99, "projectvoice_loop_lag_seconds", "process")}),
            Panel(
                "CPU",
                "percentunit",
                {"{{instance}} {{process}}": rate("projectvoice_process_cpu_seconds_total", "instance, process")},
                "1 is a core",
            ),
            Panel("Memory", "bytes", {"{{instance}} {{process}}": "projectvoice_process_resident_memory_bytes{$i}"}),
            Panel(
                "Parts that are up",
                "none",
                {"database": "min(projectvoice_database_up{$i})", "bus {{bus}}": "min by (bus) (projectvoice_bus_up{$i})"},
            ),
            Panel(
                "File descriptors",
                "percentunit",
                {"{{instance}} {{process}}": "projectvoice_process_open_fds{$i} / projectvoice_process_max_fds{$i}"},
            ),
            Panel(
                "Versions",
                "none",
                {
                    "{{version}}, Python {{python}}, Django {{django}}": "count by (version, python, django) (projectvoice_build_info{$i})"
                },
            ),
            Panel(
                "Began", "dateTimeFromNow", {"{{instance}} {{process}}": "projectvoice_process_start_time_seconds{$i} * 1000"}
            ),
            Panel("Threads", "none", {"{{instance}} {{process}}": "projectvoice_process_threads{$i}"}),
        ],
    ),
    "rest": (
        "ProjectVoice: REST",
        [
            Panel("Requests a second, by method", "reqps", {"{{method}}": rate("projectvoice_http_requests_total", "method")}),
            Panel(
                "Busiest paths",
                "reqps",
                {"{{method}} {{route}}": f"topk(10, {rate('projectvoice_http_requests_total', 'method, route')})"},
            ),
            Panel(
                "Slowest paths, p95",
                "s",
                {"{{method}} {{route}}": f"topk(10, {quantile(0.95, 'projectvoice_http_request_seconds', 'method, route')})"},
            ),
            Panel(
                "Latency",
                "s",
                {f"p{share * 100:g}": quantile(share, "projectvoice_http_request_seconds") for share in (0.5, 0.95, 0.99)},
            ),
            Panel(
                "In progress",
                "none",
                {
                    "worked on": "sum(projectvoice_http_requests_in_progress{$i}) - sum(projectvoice_http_requests_waiting{$i})",
                    "waiting": "sum(projectvoice_http_requests_waiting{$i})",
                    "threads": "sum(projectvoice_http_threads{$i})",
                },
            ),
            Panel(
                "Answers of 4xx and 5xx",
                "reqps",
                {"{{status}} {{route}}": f"topk(10, {rate('projectvoice_http_requests_total', 'status, route', FAILED)})"},
            ),
            Panel("Refused by limits", "ops", {"{{limit}}": rate("projectvoice_throttled_total", "limit")}),
        ],
    ),
    "calls": (
        "ProjectVoice: calls",
        [
            Panel("Rooms", "none", {"{{kind}}": "sum by (kind) (projectvoice_rooms{$i})"}),
            Panel("People in rooms", "none", {"{{kind}}": "sum by (kind) (projectvoice_peers{$i})"}),
            Panel(
                "Sockets",
                "none",
                {
                    "{{dialect}}": "sum by (dialect) (projectvoice_sockets{$i})",
                    "connections": "sum(projectvoice_connections{$i})",
                    "users": "sum(projectvoice_users{$i})",
                },
            ),
            Panel("Joins", "ops", {"{{outcome}}": rate("projectvoice_joins_total", "outcome")}),
            Panel(
                "Time to a seat",
                "s",
                {f"p{share * 100:g}": quantile(share, "projectvoice_join_seconds") for share in (0.5, 0.95, 0.99)},
            ),
            Panel("Errors told to sockets", "ops", {"{{error}}": rate("projectvoice_socket_refusals_total", "error")}),
            Panel("Frames", "ops", {"{{dialect}} {{direction}}": rate("projectvoice_frames_total", "dialect, direction")}),
            Panel(
                "Sockets opened and closed",
                "ops",
                {
                    "opened": rate("projectvoice_sockets_opened_total"),
                    "closed: {{reason}}": rate("projectvoice_sockets_closed_total", "reason"),
                },
            ),
            Panel(
                "Cut and turned away",
                "ops",
                {
                    "cut: {{reason}}": rate("projectvoice_sockets_cut_total", "reason"),
                    "turned away: {{reason}}": rate("projectvoice_sockets_turned_away_total", "reason"),
                },
            ),
            Panel(
                "Bus: lines",
                "ops",
                {
                    "{{bus}} said": rate("projectvoice_bus_published_total", "bus"),
                    "{{bus}} heard": rate("projectvoice_bus_heard_total", "bus"),
                    "{{bus}} lost": rate("projectvoice_bus_lost_total", "bus"),
                },
            ),
            Panel("Bus: round trip, p99", "s", {"p99": quantile(0.99, "projectvoice_bus_round_trip_seconds")}),
            Panel(
                "Nodes and outages",
                "none",
                {
                    "others heard by {{instance}} {{process}}": "projectvoice_nodes{$i}",
                    "outages of {{bus}} in an hour": "sum by (bus) (increase(projectvoice_bus_outages_total{$i}[1h]))",
                },
            ),
        ],
    ),
    "relay": (
        "ProjectVoice: relay",
        [
            Panel("Allocations", "none", {"{{transport}}": "sum by (transport) (projectvoice_turn_allocations{$i})"}),
            Panel(
                "Share of the allocations there may be",
                "percentunit",
                {
                    "{{instance}}": "sum by (instance) (projectvoice_turn_allocations{$i}) / on (instance) projectvoice_turn_allocations_limit{$i}"
                },
            ),
            Panel("Users", "none", {"{{instance}}": "projectvoice_turn_users{$i}"}),
            Panel("Media", "Bps", {"{{direction}}": rate("projectvoice_turn_relayed_bytes_total", "direction")}),
            Panel("Packets", "pps", {"{{direction}}": rate("projectvoice_turn_relayed_packets_total", "direction")}),
            Panel("Dropped", "pps", {"{{reason}}": rate("projectvoice_turn_dropped_total", "reason")}),
            Panel("Refused", "ops", {"{{code}}": rate("projectvoice_turn_refusals_total", "code")}, "401 and 438 are usual"),
            Panel(
                "Opened, and control messages",
                "ops",
                {
                    "allocations": rate("projectvoice_turn_allocations_opened_total"),
                    "messages": rate("projectvoice_turn_control_messages_total"),
                    "refusals not sent": rate("projectvoice_turn_unanswered_total"),
                },
            ),
            Panel(
                "Connections",
                "none",
                {
                    "{{transport}}": "sum by (transport) (projectvoice_turn_connections{$i})",
                    "waiting": "sum(projectvoice_turn_connections_waiting{$i})",
                    "peers: {{state}}": "sum by (state) (projectvoice_turn_peer_connections{$i})",
                },
            ),
            Panel(
                "Turned away",
                "ops",
                {
                    "{{reason}}": rate("projectvoice_turn_connections_refused_total", "reason"),
                    "peers": rate("projectvoice_turn_peer_connections_refused_total"),
                },
            ),
            Panel(
                "Errors of its own",
                "none",
                {
                    "failures": "sum(projectvoice_turn_failures_total{$i})",
                    "draining": "sum(projectvoice_turn_draining{$i})",
                    "{{version}} {{plane}} ×{{workers}}": "projectvoice_turn_info{$i}",
                },
            ),
        ],
    ),
    "database-events": (
        "ProjectVoice: database and events",
        [
            Panel("Questions a second", "ops", {"{{verb}}": rate("projectvoice_database_query_seconds_count", "verb")}),
            Panel("Time of a question, p99", "s", {"{{verb}}": quantile(0.99, "projectvoice_database_query_seconds", "verb")}),
            Panel("Errors", "ops", {"{{error}}": rate("projectvoice_database_errors_total", "error")}),
            Panel(
                "Connections",
                "none",
                {
                    "open": "sum(projectvoice_database_connections{$i})",
                    "opened in a minute": "sum(increase(projectvoice_database_connections_opened_total{$i}[1m]))",
                },
            ),
            Panel(
                "Threads of live events",
                "none",
                {
                    "{{pool}} busy": "sum by (pool) (projectvoice_threads_busy{$i})",
                    "{{pool}} waiting": "sum by (pool) (projectvoice_threads_waiting{$i})",
                },
            ),
            Panel(
                "Outbox",
                "none",
                {
                    "waiting": "max(projectvoice_events_outbox{$i})",
                    "seconds": "max(projectvoice_events_outbox_age_seconds{$i})",
                },
            ),
            Panel(
                "Events",
                "ops",
                {
                    "into the log": rate("projectvoice_events_sequenced_total"),
                    "told": rate("projectvoice_events_told_total"),
                    "frames": rate("projectvoice_events_frames_total"),
                    "pruned": rate("projectvoice_events_pruned_total"),
                },
            ),
            Panel(
                "Behind the log",
                "none",
                {
                    "{{instance}} {{process}}": "scalar(max(projectvoice_events_log_head{$i})) - projectvoice_events_position{$i}",
                    "kept": "max(projectvoice_events_log_head{$i}) - max(projectvoice_events_log_floor{$i})",
                },
            ),
            Panel(
                "Subscribers",
                "none",
                {
                    "all": "sum(projectvoice_events_subscribers{$i})",
                    "being told what they missed": "sum(projectvoice_events_replaying{$i})",
                    "came back a minute: {{outcome}}": "sum by (outcome) (increase(projectvoice_events_replays_total{$i}[1m]))",
                },
            ),
            Panel("Event hooks", "none", {"{{state}}": "max by (state) (projectvoice_push_hooks{$i})"}),
            Panel(
                "Pushed",
                "ops",
                {
                    "{{outcome}}": rate("projectvoice_push_attempts_total", "outcome"),
                    "events": rate("projectvoice_push_events_total"),
                },
            ),
            Panel(
                "Pushing",
                "s",
                {"p95": quantile(0.95, "projectvoice_push_seconds"), "due for": "max(projectvoice_push_due_age_seconds{$i})"},
            ),
        ],
    ),
}


def dashboard(name: str) -> dict[str, Any]:
    title, panels = DASHBOARDS[name]
    return {
        "uid": f"projectvoice-{name}",
        "title": title,
        "tags": ["projectvoice"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [_source(), _instances()]},
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }


def _source() -> dict[str, Any]:
    return {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus", "current": {}, "hide": 0}


def _instances() -> dict[str, Any]:
    query = {"query": "label_values(projectvoice_process_start_time_seconds, instance)", "refId": "instance"}
    many = {"includeAll": True, "multi": True, "allValue": ".*", "current": {"text": "All", "value": "$__all"}}
    return {"name": "instance", "type": "query", "datasource": SOURCE, "query": query, "refresh": 2, **many}


SOURCE = {"type": "prometheus", "uid": "${source}"}


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    row, column = divmod(number, 24 // WIDTH)
    targets = [
        {"refId": chr(ord("A") + index), "datasource": SOURCE, "expr": query.replace("$i", INSTANCE), "legendFormat": legend}
        for index, (legend, query) in enumerate(panel.queries.items())
    ]
    return {
        "id": number + 1,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": SOURCE,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}},
        "targets": targets,
    }


def text(name: str) -> str:
    return json.dumps(dashboard(name), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name in DASHBOARDS:
        (HERE / f"{name}.json").write_text(text(name))
