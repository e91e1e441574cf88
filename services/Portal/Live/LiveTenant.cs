using System.Net.ServerSentEvents;
using System.Text.Json;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Portal.ApiClient;

namespace CloudPbx.Portal.Live;

/// <summary>What happens in a tenant now, for the pages of one circuit: extensions, phones and calls, pushed by the API while somebody looks.</summary>
/// <remarks>
/// One per circuit, and so is its stream: with the user's own token the API decides what this user may see. For the circuit's thread; changes are read
/// beside it and raise <see cref="Changed"/>, whose listeners go to the circuit themselves. What is read is immutable.
/// </remarks>
public sealed partial class LiveTenant(PbxApi api, TimeProvider time, ILogger<LiveTenant> logger) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(40);      // the API pings every 15 s

    private CancellationTokenSource? _watching;
    private int _watchers;

    /// <summary>Raised after something changed, on any thread.</summary>
    public event Action? Changed;

    /// <summary>Which tenant is watched.</summary>
    public string? Tenant { get; private set; }

    /// <summary>What is known.</summary>
    public LiveView View { get; private set; } = LiveView.Empty;

    /// <summary>Whether what is known is true now; false before the first answer and while the API is away.</summary>
    public bool IsCurrent { get; private set; }

    /// <summary>Why nothing will be known: the tenant is not there, or is none of the user's business.</summary>
    public ApiProblem? Fault { get; private set; }

    /// <summary>The calls that ring or talk, the oldest first.</summary>
    public IReadOnlyList<LiveCallDto> Calls => View.Calls;

    /// <summary>The phones that are registered, with their extensions.</summary>
    public IReadOnlyList<(LiveExtensionDto Extension, LivePhoneDto Phone)> Phones => View.Phones;

    /// <summary>Watches a tenant until the result is disposed. Several pages may; they must mean the same tenant.</summary>
    /// <param name="tenant">Which.</param>
    public IDisposable Watch(string tenant)
    {
        if (Tenant != tenant)
        {
            Stop();
            (Tenant, View, IsCurrent, Fault) = (tenant, LiveView.Empty, false, null);
        }
        _watchers++;
        if (_watching is null)
        {
            _watching = new CancellationTokenSource();
            _ = RunAsync(tenant, _watching.Token);
        }
        return new Watcher(this, _watching);
    }

    /// <summary>What an extension does.</summary>
    /// <param name="number">Its number.</param>
    public ExtensionState StateOf(string number) => View.Extensions.GetValueOrDefault(number)?.State ?? ExtensionState.Offline;

    /// <summary>The phones of an extension.</summary>
    /// <param name="number">Its number.</param>
    public IReadOnlyList<LivePhoneDto> PhonesOf(string number) => View.Extensions.GetValueOrDefault(number)?.Phones ?? [];

    /// <summary>A device's phone, if it is registered.</summary>
    /// <param name="device">Which.</param>
    public LivePhoneDto? PhoneOf(DeviceId device) => View.Phones.FirstOrDefault(phone => phone.Phone.DeviceId == device).Phone;

    /// <inheritdoc/>
    public void Dispose() => Stop();

    private async Task RunAsync(string tenant, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                try
                {
                    await FollowAsync(tenant, cancel);
                }
                catch (ApiProblemException fault) when (fault.Problem.Kind is ApiProblem.Unauthorized or "not-found" or "forbidden")
                {
                    Fault = fault.Problem;
                    Changed?.Invoke();
                    return;
                }
                catch (Exception fault) when (fault is ApiProblemException or IOException or HttpRequestException or JsonException || (fault is OperationCanceledException && !cancel.IsCancellationRequested))
                {
                    // away, or silent for too long: once more in a while
                }
                IsCurrent = false;
                Changed?.Invoke();
                await Task.Delay(s_pause, time, cancel);
            }
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

    private async Task FollowAsync(string tenant, CancellationToken cancel)
    {
        using CancellationTokenSource silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        silence.CancelAfter(s_silence);
        using HttpResponseMessage response = await api.Of(tenant).OpenLiveAsync(silence.Token);
        await using Stream stream = await response.Content.ReadAsStreamAsync(silence.Token);
        await foreach (SseItem<object?> item in SseParser.Create<object?>(stream, LiveView.Read).EnumerateAsync(silence.Token))
        {
            silence.CancelAfter(s_silence);
            cancel.ThrowIfCancellationRequested();
            if (View.After(item.Data) is not { } next)
                continue;
            (View, IsCurrent) = (next, true);
            Changed?.Invoke();
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

    private sealed class Watcher(LiveTenant owner, CancellationTokenSource mine) : IDisposable
    {
        private bool _done;

        public void Dispose()
        {
            if (_done)
                return;
            _done = true;
            if (owner._watching == mine && --owner._watchers <= 0)
                owner.Stop();
        }
    }
}
