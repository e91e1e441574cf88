using System.Diagnostics;
using CloudPbx.CallControl.Telemetry;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Sip.Messages;
using CloudPbx.TestKit.Telemetry;

namespace CloudPbx.CallControl.Tests.Telemetry;

/// <summary>A traced call has one trace. The tests of this class run one after the other, and nobody else in this process listens.</summary>
public sealed class CallTraceTests : IDisposable
{
    private readonly TestTenant _tenant = new();

    [Fact]
    public async Task A_call_is_one_trace_whose_root_is_its_set_up()
    {
        using CollectedSpans spans = new(WorkerTrace.SourceName);
        CallEnded record = await CallAsync();
        IReadOnlyCollection<Activity> trace = spans.Of(record.TraceParent!);
        Activity root = Assert.Single(trace, span => span.ParentSpanId == default);
        Assert.Equal("call setup", root.OperationName);
        Assert.Equal(root.Id, record.TraceParent);
        Assert.Equal(record.CallId.ToString(), root.GetTagItem("cloudpbx.call.id"));
        Assert.Equal(record.TenantId.ToString(), root.GetTagItem("cloudpbx.tenant.id"));
        Assert.Equal(200, root.GetTagItem("sip.response.status_code"));
        Assert.Equal(["call end", "ring phone"], trace.Where(span => span != root).Select(span => span.OperationName).Order(StringComparer.Ordinal));
        Assert.All(trace.Where(span => span != root), span => Assert.Equal(root.SpanId, span.ParentSpanId));
        Assert.NotEmpty(_tenant.Edge.Traces);
        Assert.All(_tenant.Edge.Traces, seen => Assert.Equal(root.Id, seen));
    }

    [Fact]
    public async Task A_call_that_moves_to_another_worker_while_it_rings_stays_one_trace()
    {
        using CollectedSpans spans = new(WorkerTrace.SourceName);
        CallEnded record = await CallAsync(_tenant.MoveAsync);
        IReadOnlyCollection<Activity> trace = spans.Of(record.TraceParent!);
        Activity root = Assert.Single(trace, span => span.ParentSpanId == default);
        Assert.Equal(root.Id, record.TraceParent);
        Assert.Equal(["call end", "call goes on here", "ring phone"], trace.Where(span => span != root).Select(span => span.OperationName).Order(StringComparer.Ordinal));
        Assert.All(trace.Where(span => span != root), span => Assert.Equal(root.SpanId, span.ParentSpanId));
    }

    [Fact]
    public async Task Where_nobody_listens_nothing_is_made_or_sent()
    {
        CallEnded record = await CallAsync();
        Assert.False(WorkerTrace.Source.HasListeners());
        Assert.Null(record.TraceParent);
        Assert.Empty(_tenant.Edge.Traces);
    }

    public void Dispose() => _tenant.Dispose();

    private async Task<CallEnded> CallAsync(Func<Task>? whileItRings = null)
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101");
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(atBob, 180);
        (_, SipRequest invite) = await dialling;
        await _tenant.SettleAsync();
        if (whileItRings is not null)
            await whileItRings();
        bob.Answer(atBob, 200, "v=0 bob's answer savp");
        SipResponse answer = await alice.FinalAsync();
        alice.Ack(invite, answer);
        await bob.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        alice.Send(alice.InDialog(SipMethod.Bye, invite, answer));
        bob.Answer(await bob.RequestAsync(SipMethod.Bye), 200);
        CallEnded record = await _tenant.RecordAsync();
        await _tenant.SettleAsync();
        return record;
    }
}
