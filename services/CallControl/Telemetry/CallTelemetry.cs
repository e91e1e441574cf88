using System.Diagnostics;
using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Events;

namespace CloudPbx.CallControl.Telemetry;

/// <summary>What operators see of one call while it runs: its trace, and its figures in RFC 6076's terms.</summary>
/// <remarks>
/// Used on the tenant's thread. The root span is the call's set-up: it is exported when the caller has its final response, so that the trace of a call that talks
/// for hours can be looked at, and a later owner's spans have a parent.
/// </remarks>
internal sealed class CallTelemetry(WorkerServices worker, CallRecord record, bool isRestored = false)
{
    private readonly long _began = worker.Time.GetTimestamp();
    private Activity? _setup;
    private readonly bool _restored = isRestored;
    private bool _indicated = isRestored;                         // its beginning was another owner's to measure
    private bool _answered = record.Status != 0;
    private bool _left;

    /// <summary>The W3C trace context of the call; null where it is not traced.</summary>
    public string? Trace => record.TraceParent;

    private TimeSpan Age => worker.Time.GetElapsedTime(_began);

    /// <summary>Begins the trace, if this call is sampled. Inside the call's own async method, so that the span is current there and nowhere else.</summary>
    public void Begin()
    {
        if (_restored)
        {
            Span("call goes on here")?.Dispose();
            return;
        }
        _setup = WorkerTrace.Source.StartActivity("call setup", ActivityKind.Server, default(ActivityContext));
        if (_setup is not { Recorded: true })
            return;
        record.TraceParent = _setup.Id;
        _setup.SetTag("cloudpbx.tenant.id", record.Tenant.ToString());
        _setup.SetTag("cloudpbx.call.id", record.Call.ToString());
    }

    /// <summary>Begins a span of the call.</summary>
    /// <returns>Null where the call is not traced.</returns>
    public Activity? Span(string name, ActivityKind kind = ActivityKind.Internal) => WorkerTrace.Continue(name, kind, Trace);

    /// <summary>Notes how the call was routed.</summary>
    public void Routed(string steps) => _setup?.SetTag("cloudpbx.call.route", steps);

    /// <summary>The caller was told that it rings.</summary>
    public void Ringing()
    {
        _setup?.AddEvent(new ActivityEvent("ringing"));
        Indicate(successful: true);
    }

    /// <summary>The caller got the final response to its INVITE. Only the first one counts.</summary>
    public void Answered(int status)
    {
        if (_answered || _left)
            return;
        _answered = true;
        Indicate(successful: status is >= 200 and < 300);
        worker.Metrics.SessionAnswered(status);
        if (_setup is null)
            return;
        _setup.SetTag("sip.response.status_code", status);
        if (status >= 500)
            _setup.SetStatus(ActivityStatusCode.Error);
        _setup.Stop();
    }

    /// <summary>Another worker leads the call from now on: it measures the rest.</summary>
    public void Left()
    {
        _left = true;
        _setup?.Stop();                                           // the next owner's spans are below it
    }

    /// <summary>The call is over.</summary>
    public void Ended()
    {
        if (_left)
            return;
        Answered(record.Status);
        if (record.AnsweredAt is { } answered)
            worker.Metrics.SessionEnded(worker.Time.GetUtcNow().UtcDateTime - answered, completed: record.ReleasedBy != CallParty.System || record.Cause == ReleaseCause.Operator);
    }

    /// <summary>Times a BYE.</summary>
    /// <param name="bye">Completes when it was answered or given up.</param>
    public async Task DisconnectAsync(Task bye)
    {
        long sent = worker.Time.GetTimestamp();
        await bye;
        worker.Metrics.Disconnected(worker.Time.GetElapsedTime(sent));
    }

    private void Indicate(bool successful)
    {
        if (_indicated)
            return;
        _indicated = true;
        worker.Metrics.SessionIndicated(successful, Age);
    }
}
