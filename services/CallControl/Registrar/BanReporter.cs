using System.Threading.Channels;
using CloudPbx.State.Bans;

namespace CloudPbx.CallControl.Registrar;

/// <summary>Carries reports to Redis, and keeps this worker's tables of bans and of attacked accounts like it. While Redis is away the table goes on with what this worker saw.</summary>
internal sealed partial class BanReporter(BanStore store, BanTable table, AttackStore attackStore, AttackTable attacks, ILogger<BanReporter> logger) : BackgroundService, IBanReports
{
    private const int MaximumWaiting = 4096;

    // Under an attack from everywhere the latest find no room and are dropped: they will be reported again. Nobody waits for room.
    private readonly Channel<Report> _reports = Channel.CreateBounded<Report>(
        new BoundedChannelOptions(MaximumWaiting) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    // Of an account's guesses one report waits, and they add up: an attack costs no call to Redis for each.
    private readonly Dictionary<AttackedAccount, int> _guesses = [];
    private readonly Lock _gate = new();                          // only those who guess take it, for a few instructions

    /// <inheritdoc/>
    public void Ban(in BanSubject subject) => _reports.Writer.TryWrite(new Report(subject));

    /// <inheritdoc/>
    public void Registered(in BanSource source, TimeSpan life) => _reports.Writer.TryWrite(new Report(new BanSubject(source), Registered: life));

    /// <inheritdoc/>
    public void Guessed(in AttackedAccount account, int weight)
    {
        lock (_gate)
        {
            if (_guesses.TryGetValue(account, out int waiting))
                _guesses[account] = waiting + weight;
            else if (_guesses.Count < MaximumWaiting && _reports.Writer.TryWrite(new Report(default, Guessed: account)))
                _guesses[account] = weight;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using IAsyncDisposable keepingBans = store.Keep(table);
        await using IAsyncDisposable keepingAttacks = attackStore.Keep(attacks);
        try
        {
            await foreach (Report report in _reports.Reader.ReadAllAsync(stoppingToken))
            {
                BanSubject subject = report.Subject;
                if (report.Registered is { } life)
                    await store.MarkRegisteredAsync(subject.Source, life, stoppingToken);
                else if (report.Guessed is { } account)
                    await CountAsync(account, stoppingToken);
                else if (await store.BanAsync(subject, stoppingToken) is { } until)
                    LogBanned(subject.Source.ToString(), subject.Tenant?.ToString() ?? "all", subject.Account ?? "all", until);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The worker stops.
        }
    }

    private async Task CountAsync(AttackedAccount account, CancellationToken cancel)
    {
        int guesses;
        lock (_gate)
            _guesses.Remove(account, out guesses);
        if (await attackStore.CountAsync(account, guesses, cancel) is not { } attack)
            return;
        attacks.Add(account, attack.Until);
        if (attack.IsNew)
            LogAttacked(account.Tenant.ToString(), account.Account, attack.Until);
    }

    private readonly record struct Report(BanSubject Subject, TimeSpan? Registered = null, AttackedAccount? Guessed = null);

    [LoggerMessage(LogLevel.Warning, "An account's password is guessed from many sources: tenant {TenantId}, account {Account}, strangers to it are slowed until {Until:u}")]
    private partial void LogAttacked(string tenantId, string account, DateTime until);

    [LoggerMessage(LogLevel.Warning, "Banned for guessing passwords: source {Source}, tenant {TenantId}, account {Account}, until {Until:u}")]
    private partial void LogBanned(string source, string tenantId, string account, DateTime until);
}
