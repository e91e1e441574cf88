using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.ApiClient;

namespace CloudPbx.Portal.Live;

/// <summary>What happens in a tenant now, for the pages of one circuit: registrations and calls, kept fresh while somebody looks.</summary>
/// <remarks>For the renderer's thread of one circuit.</remarks>
public sealed partial class LiveTenant(PbxApi api, TimeProvider time, ILogger<LiveTenant> logger) : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(2);

    private CancellationTokenSource? _watching;
    private int _watchers;

    /// <summary>Raised on the circuit's thread after something changed.</summary>
    public event Action? Changed;

    /// <summary>Which tenant is watched.</summary>
    public string? Tenant { get; private set; }

    /// <summary>The phones that are registered.</summary>
    public IReadOnlyList<RegistrationDto> Registrations { get; private set; } = [];

    /// <summary>The calls that ring or talk.</summary>
    public IReadOnlyList<LiveCallDto> Calls { get; private set; } = [];

    /// <summary>Whether what is here is true now; false before the first answer and while the API is away.</summary>
    public bool IsCurrent { get; private set; }

    /// <summary>Watches a tenant until the result is disposed. Several pages may; they must mean the same tenant.</summary>
    /// <param name="tenant">Which.</param>
    public IDisposable Watch(string tenant)
    {
        if (Tenant != tenant)
        {
            Stop();
            (Tenant, Registrations, Calls, IsCurrent) = (tenant, [], [], false);
        }
        _watchers++;
        if (_watching is null)
        {
            _watching = new CancellationTokenSource();
            _ = RunAsync(tenant, _watching.Token);
        }
        return new Watcher(this);
    }

    /// <summary>The state of an extension.</summary>
    /// <param name="number">Its number.</param>
    public ExtensionState StateOf(string number)
    {
        foreach (LiveCallDto call in Calls)
        {
            if (call.CallerNumber == number || call.AnsweredBy == number)
                return call.AnsweredAt is null ? ExtensionState.Ringing : ExtensionState.Talking;
            if (call.CalledNumber == number && call.AnsweredAt is null)
                return ExtensionState.Ringing;
        }
        return Registrations.Any(registration => registration.Extension == number) ? ExtensionState.Idle : ExtensionState.Offline;
    }

    /// <summary>Whether a device's phone is registered.</summary>
    /// <param name="device">Which.</param>
    public RegistrationDto? RegistrationOf(DeviceId device) => Registrations.FirstOrDefault(registration => registration.DeviceId == device);

    /// <inheritdoc/>
    public void Dispose() => Stop();

    private async Task RunAsync(string tenant, CancellationToken cancel)
    {
        using PeriodicTimer timer = new(s_period, time);
        try
        {
            do
            {
                try
                {
                    Registrations = await api.Of(tenant).RegistrationsAsync(cancel);
                    Calls = await api.Of(tenant).LiveCallsAsync(cancel);
                    IsCurrent = true;
                }
                catch (ApiProblemException fault)
                {
                    IsCurrent = false;
                    if (fault.Problem.Kind == ApiProblem.Unauthorized)
                        return;
                }
                Changed?.Invoke();
            }
            while (await timer.WaitForNextTickAsync(cancel));
        }
        catch (OperationCanceledException)
        {
            // nobody looks any more
        }
        catch (Exception fault)
        {
            LogLost(fault);
        }
    }

    private void Stop()
    {
        _watching?.Cancel();
        _watching?.Dispose();
        _watching = null;
        _watchers = 0;
    }

    [LoggerMessage(LogLevel.Error, "The live state of a tenant is no longer followed")]
    private partial void LogLost(Exception fault);

    private sealed class Watcher(LiveTenant owner) : IDisposable
    {
        private bool _done;

        public void Dispose()
        {
            if (_done)
                return;
            _done = true;
            if (--owner._watchers <= 0)
                owner.Stop();
        }
    }
}
