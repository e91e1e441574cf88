using CloudPbx.CallControl.Routing;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Net.Timers;
using CloudPbx.State.Usage;

namespace CloudPbx.CallControl.Calls;

/// <summary>
/// What a tenant's calls to the outside use in a day (UTC), those that go on included, and the end of calls that have used up a limit: the longest call, minutes and money
/// of a day. Limits act inside the call (SECURITY.md S1); emergency calls neither count nor end (S36).
/// </summary>
/// <remarks>Used on the tenant's thread. The copy in the store is for the next owner.</remarks>
internal sealed partial class OutsideUsage(TenantRuntime tenant, WorkerServices worker)
{
    private static readonly TimeSpan s_watch = TimeSpan.FromSeconds(1);

    private readonly ILogger<OutsideUsage> _logger = worker.Loggers.CreateLogger<OutsideUsage>();
    private readonly Dictionary<string, DayUse> _ended = [];      // by payer
    private readonly Dictionary<string, long> _endedTo = [];      // money, by destination
    private DayUse _endedOfAll;
    private DateOnly _day;
    private bool _watching;
    private string? _lastLimit;                                   // told once a day

    /// <summary>Takes what earlier owners counted.</summary>
    public void Restore(UsageOfDay? counted)
    {
        _day = Today;
        if (counted is null || counted.Day != _day)
            return;
        foreach ((string payer, long milliseconds, long microUnits) in counted.Payers)
            Count(payer, new DayUse(milliseconds, microUnits));
        foreach ((string destination, long microUnits) in counted.Destinations)
            _endedTo[destination] = _endedTo.GetValueOrDefault(destination) + microUnits;
    }

    /// <summary>Used today by one extension, or by all.</summary>
    /// <param name="payer">The extension; null for all.</param>
    public DayUse Of(string? payer)
    {
        Turn();
        DayUse sum = payer is null ? _endedOfAll : _ended.GetValueOrDefault(payer);
        foreach (OutsideUse use in tenant.Calls.AnsweredOutside)
            if (payer is null || use.Payer == payer)
                sum += TodayOf(use);
        return sum;
    }

    /// <summary>Money used today, by destination.</summary>
    public Dictionary<string, long> ByDestination()
    {
        Turn();
        Dictionary<string, long> sums = new(_endedTo);
        foreach (OutsideUse use in tenant.Calls.AnsweredOutside)
            if (DestinationOf(use) is { } destination)
                sums[destination] = sums.GetValueOrDefault(destination) + TodayOf(use).MicroUnits;
        return sums;
    }

    /// <summary>A call to the outside was answered: it is watched from now on.</summary>
    public void Watch()
    {
        if (_watching || !tenant.Calls.AnsweredOutside.Any())
            return;
        _watching = true;
        tenant.Timers.Schedule(s_watch, static usage => ((OutsideUsage)usage!).Look(), this);
    }

    /// <summary>A call to the outside ended.</summary>
    /// <returns>What it cost; null where no rate fits.</returns>
    public long? Ended(OutsideUse use)
    {
        if (use.AnsweredAt is not { } answered || use.IsEnded)
            return null;
        Turn();
        DayUse today = TodayOf(use);
        use.IsEnded = true;
        if (use.IsEmergency)
            return null;
        Count(use.Payer, today);
        if (today.MicroUnits != 0 && DestinationOf(use) is { } destination)
            _endedTo[destination] = _endedTo.GetValueOrDefault(destination) + today.MicroUnits;
        worker.Usage.Add(tenant.Tenant, _day, use.Payer, DestinationOf(use), today);
        return RateOf(use) is { } rate ? CostOf(rate, (long)(Now - answered).TotalMilliseconds) : null;
    }

    private void Count(string payer, DayUse use)
    {
        _ended[payer] = _ended.GetValueOrDefault(payer) + use;
        _endedOfAll += use;
    }

    private void Look()
    {
        _watching = false;
        if (tenant.HasLeft)
            return;
        CallLimits limits = tenant.Configuration.Outside.Limits;
        DayUse ofAll = Of(null);
        bool minutes = ofAll.Minutes >= limits.OutsideMinutesPerDay, money = ofAll.MicroUnits >= limits.MicroUnitsPerDay;
        Dictionary<string, long>? byDestination = limits.MicroUnitsPerDayPerDestination is null ? null : ByDestination();
        foreach (Call call in tenant.Calls.WithOutside())
        {
            OutsideUse[] uses = [.. call.OutsideUses.Where(use => use is { AnsweredAt: not null, IsEnded: false })];
            if (uses.Length == 0 || Array.Exists(uses, use => use.IsEmergency))
                continue;
            (string Rule, string Text)? limit = minutes ? ("limit-minutes-per-day", "Minutes of the day used up") : money ? ("limit-money-per-day", "Money of the day used up")
                : uses.Select(use => LimitOf(use, limits, byDestination)).FirstOrDefault(reached => reached is not null);
            if (limit is not { } reached)
                continue;
            Tell(reached.Text);
            tenant.News.LimitReached(reached.Rule, reached.Text, uses[0].Payer, "ended");
            call.Release(ReleaseCause.Q(31, reached.Text));
        }
        Watch();
    }

    private (string Rule, string Text)? LimitOf(OutsideUse use, CallLimits limits, Dictionary<string, long>? byDestination)
    {
        ExtensionLimits own = tenant.Configuration.LimitsOf(use.Payer);
        return (Now - use.AnsweredAt!.Value).TotalSeconds >= limits.MaxCallSeconds ? ("limit-call-seconds", "Longest call")
            : (own.OutsideMinutesPerDay ?? limits.OutsideMinutesPerDayPerExtension) is { } mostMinutes && Of(use.Payer).Minutes >= mostMinutes ? ("limit-extension-minutes-per-day", "Minutes of the extension used up")
            : (own.MicroUnitsPerDay ?? limits.MicroUnitsPerDayPerExtension) is { } mostMoney && Of(use.Payer).MicroUnits >= mostMoney ? ("limit-extension-money-per-day", "Money of the extension used up")
            : byDestination is not null && DestinationOf(use) is { } destination && byDestination.GetValueOrDefault(destination) >= limits.MicroUnitsPerDayPerDestination
                ? ("limit-destination-money-per-day", $"Money for {destination} used up")
            : null;
    }

    private void Tell(string limit)
    {
        if (_lastLimit == limit)
            return;
        _lastLimit = limit;
        LogLimit(tenant.Tenant.ToString(), limit);
    }

    private DayUse TodayOf(OutsideUse use)
    {
        if (use.IsEmergency || use.IsEnded || use.AnsweredAt is not { } answered)
            return default;
        DateTime midnight = _day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        long milliseconds = Math.Max(0, (long)(Now - (answered > midnight ? answered : midnight)).TotalMilliseconds);
        return new DayUse(milliseconds, RateOf(use) is { } rate ? CostOf(rate, milliseconds) : 0);
    }

    private CallRate? RateOf(OutsideUse use) => use.Rate ??= OutsideNumber.RateOf(use.Number, tenant.Configuration.Home, tenant.Configuration.Outside.Rates);

    private string? DestinationOf(OutsideUse use) => use.Destination ??= OutsideNumber.DestinationOf(use.Number, tenant.Configuration.Home, tenant.Configuration.Outside.Rates);

    // Rounded up: a limit must not be passed by fractions.
    private static long CostOf(CallRate rate, long milliseconds) => (long)Math.Ceiling((decimal)rate.MicroUnitsPerMinute * milliseconds / 60_000);

    private void Turn()
    {
        if (_day == Today)
            return;
        _day = Today;
        _ended.Clear();
        _endedTo.Clear();
        _endedOfAll = default;
        _lastLimit = null;
    }

    private DateTime Now => worker.Time.GetUtcNow().UtcDateTime;

    private DateOnly Today => DateOnly.FromDateTime(Now);

    [LoggerMessage(LogLevel.Warning, "Tenant {TenantId}: calls to the outside are ended: {Limit}")]
    private partial void LogLimit(string tenantId, string limit);
}
