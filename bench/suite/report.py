"""What a result looks like to people, and which bars it holds."""


def rows_of(result, prefix):
    return {name[len(prefix):]: row for name, row in result["rows"].items() if name.startswith(prefix)}


def figure(value, digits=1):
    return "-" if value is None else f"{value:.{digits}f}"


def percentiles(row):
    return " ".join(f"{figure(row[name]):>10}" for name in ("p50", "p90", "p99", "p99.9", "p99.99", "max"))


def print_stages(result):
    for name, about in result.get("stages", {}).items():
        print_stages_of(name, about, result)


def print_stages_of(name, about, result):
    print(f"\nstages {name}: {about['messages']} messages of {about['text_bytes']:.0f} bytes of text, "
          f"{about['rules']} rules, {about['hits']:.1f} hits a message; noise {100 * result['noise']:.1f} %")
    print(f"{'stage':20} {'ns':>10} {'interval':>21} {'cycles':>9} {'c/byte':>8} {'allocations':>11}")
    for name, row in rows_of(result, f"stages/{name}/").items():
        ns = row["ns"]
        print(f"{name:20} {ns['median']:10.1f} {ns['low']:10.1f} {ns['high']:10.1f} "
              f"{row['cycles']:9} {row['cycles_a_byte']:8} {row['allocations']:11}")


def print_rules(result):
    rows = rows_of(result, "rules/")
    if not rows:
        return
    print(f"\n{'rules/bytes':20} {'patterns':>8} {'hits':>6} {'match ns':>11} {'loop view':>12} "
          f"{'loop orig.':>12} {'x view':>8} {'x orig.':>8}")
    for name, row in rows.items():
        print(f"{name:20} {row['patterns']:8} {row['hits']:6.1f} {row['ns']['median']:11.0f} "
              f"{row['loop_view_ns']['median']:12.0f} {row['loop_original_ns']['median']:12.0f} "
              f"{row['ratio_view']:8} {row['ratio_original']:8}")


def print_flow(result):
    rows = rows_of(result, "flow/")
    if not rows:
        return
    print(f"\n{'flow, us':26} {'rate/s':>8} {'count':>8} " + " ".join(
        f"{name:>10}" for name in ("p50", "p90", "p99", "p99.9", "p99.99", "max")))
    for name, row in rows.items():
        if "not_measurable" in row:
            print(f"{name:26} not measurable here: {row['not_measurable']}")
        elif "saturation" in row:
            print(f"{name:26} {row['saturation']:8} saturation")
        else:
            print(f"{name:26} {row['rate']:8} {row['us']['count']:8} {percentiles(row['us'])}")
            print(f"{'  its floor':26} {'':8} {row['floor_us']['count']:8} {percentiles(row['floor_us'])}")


def print_idle(result):
    for name, row in rows_of(result, "idle/").items():
        print(f"\nidle {name}: {row['ratio']} x the bare chain of {row['wakes']} eventfds and a clock; us:")
        for label, key in (("to the reader", "us"), ("to the queue", "queued_us"), ("bare chain", "chain_us"),
                           ("its first thread", "first_us")):
            print(f"  {label:24} {percentiles(row[key])}")


def print_reload(result):
    for name, row in rows_of(result, "reload/").items():
        seconds = row["seconds"]
        print(f"\nreload {name}: {row['reloads']} at {row['rate']}/s, {seconds['median']} s "
              f"({seconds['low']} to {seconds['high']}), loading alone {row['load_cpu_seconds']} s of processor; "
              f"urgent p99 {figure(row['us']['p99'])} us, without {figure(row['without_us']['p99'])} us, "
              f"ratio {row.get('p99_ratio', '-')}; beside an idle program that spins "
              f"{figure(row['spin_us']['p99'])} us, ratio {row.get('p99_over_spin', '-')}")


def print_counts(result):
    for name, row in rows_of(result, "memory/").items():
        print(f"\nmemory {name}: {row['resident_mb']} MB resident with {row['customers']} customers, "
              f"peak {row['peak_mb']} MB")
    for name, row in rows_of(result, "counts/").items():
        calls = ", ".join(f"{call} {count}" for call, count in row.get("by_call", {}).items())
        print(f"counts {name}, a message at load: {row['allocations']} allocations, {row['locks']} locks, "
              f"{row.get('system_calls', '-')} system calls ({calls})")


def print_scale(result):
    rows = rows_of(result, "scale/")
    if rows:
        print(f"\n{'scale':26} {'messages/s':>11} {'cpu us':>9} {'ns':>9}")
    for name, row in rows.items():
        ns = row.get("ns", {}).get("median")
        print(f"{name:26} {row.get('messages_per_second', '-'):>11} {figure(row.get('cpu_us'), 2):>9} "
              f"{figure(ns, 0):>9}")


def print_kafka(result):
    rows = {**rows_of(result, "kafka/"), **{f"peer/{name}": row for name, row in rows_of(result, "peer/").items()}}
    if rows:
        print(f"\n{'kafka':26} {'messages/s':>11} {'cpu us':>9} {'seconds':>8}")
    for name, row in rows.items():
        if "messages_per_second" in row:
            print(f"{name:26} {row['messages_per_second']:>11} {figure(row['cpu_us'], 2):>9} {row['seconds']:>8}")
    for name, row in rows.items():
        if "us" in row:
            print(f"{name:26} p50 {figure(row['us']['p50'])} us, p99 {figure(row['us']['p99'])} us; bare consumer "
                  f"{figure(row['bare_us']['p50'])} and {figure(row['bare_us']['p99'])}; ratios p50 "
                  f"{row['p50_ratio']} ({row['p50_ratios']['low']} to {row['p50_ratios']['high']}), p99 "
                  f"{row['p99_ratio']} ({row['p99_ratios']['low']} to {row['p99_ratios']['high']})")
        elif "messages_per_second" not in row:
            print(f"{name:26} " + ", ".join(f"{key} {value}" for key, value in row.items()))


def print_all(result):
    for show in (print_stages, print_rules, print_flow, print_idle, print_reload, print_counts, print_scale,
                 print_kafka):
        show(result)


def value_of(result, place):
    value = result["rows"].get(place[0])
    for field in place[1:]:
        value = value.get(field) if isinstance(value, dict) else None
    return value


def judge_bars(result, bars):
    """(held, bar, value) of each bar that this result can tell."""
    judged = []
    for bar in bars:
        value = value_of(result, bar["value"])
        if value is None:
            continue
        judged.append((value <= bar["max"] if "max" in bar else value >= bar["min"], bar, value))
    return judged


def print_bars(result, bars):
    """How many are missed; each is named."""
    missed = 0
    print()
    for held, bar, value in judge_bars(result, bars):
        wanted = f"<= {bar['max']}" if "max" in bar else f">= {bar['min']}"
        print(f"{'held' if held else 'missed'}: {bar['name']}: {value}, wanted {wanted}")
        missed += not held
    return missed
