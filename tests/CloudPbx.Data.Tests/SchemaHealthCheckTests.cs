using System.Data.Common;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Data.Tests;

/// <summary>Readiness says what is wrong with the database, and only a schema that does not fit makes a process unready.</summary>
public sealed class SchemaHealthCheckTests
{
    private readonly FakeDatabase _database = new();
    private readonly FakeTimeProvider _time = new();
    private readonly SchemaHealthCheck _check;

    public SchemaHealthCheckTests() => _check = new SchemaHealthCheck(new SchemaGate(_database, _database), _database, _database, _time);

    [Fact]
    public async Task A_schema_that_does_not_fit_is_unready_with_its_sentence()
    {
        _database.Answer = () => Task.FromResult<string?>("The database is older than this build.");
        HealthCheckResult result = await AskAsync();
        Assert.Equal((HealthStatus.Unhealthy, "The database is older than this build."), (result.Status, result.Description));
    }

    [Fact]
    public async Task A_database_that_was_never_there_is_unready()
    {
        _database.Answer = () => throw new AwayException();
        Assert.Equal((HealthStatus.Unhealthy, "The database cannot be reached."), Parts(await AskAsync()));
    }

    [Fact]
    public async Task A_database_that_goes_away_later_is_told_but_stays_ready()
    {
        Assert.Equal(HealthStatus.Healthy, (await AskAsync()).Status);
        _database.Answer = () => throw new AwayException();
        Assert.Equal((HealthStatus.Degraded, "The database cannot be reached."), Parts(await AskAsync()));
        _database.Answer = () => Task.FromResult<string?>(null);
        Assert.Equal(HealthStatus.Healthy, (await AskAsync()).Status);
    }

    [Fact]
    public async Task A_database_that_hangs_does_not_hang_the_probe()
    {
        Assert.Equal(HealthStatus.Healthy, (await AskAsync()).Status);
        var never = new TaskCompletionSource<string?>();
        _database.Answer = () => never.Task;
        Task<HealthCheckResult> asked = AskAsync();
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(HealthStatus.Degraded, (await asked).Status);
    }

    private static (HealthStatus, string?) Parts(HealthCheckResult result) => (result.Status, result.Description);

    private Task<HealthCheckResult> AskAsync() => _check.CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);

    private sealed class AwayException : Exception;

    private sealed class FakeDatabase : IDatabaseSchema, IDatabaseFaults
    {
        public Func<Task<string?>> Answer { get; set; } = () => Task.FromResult<string?>(null);

        public Task MigrateAsync(CancellationToken cancel) => Task.CompletedTask;

        public Task<string?> FindMismatchAsync(CancellationToken cancel) => Answer();

        public Task<int> ExtendAsync(CancellationToken cancel) => Task.FromResult(0);

        public bool IsDuplicate(DbException fault) => false;

        public bool IsMissingReference(DbException fault) => false;

        public bool IsAway(Exception fault) => fault is AwayException;
    }
}
