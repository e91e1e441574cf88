using CloudPbx.CallControl.Tenants;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.CallControl.Tests.Tenants;

/// <summary>S12: what a tenant does with what came too late, or too much of.</summary>
public sealed class OverloadTests : IDisposable
{
    private readonly TestTenant _tenant = new();

    [Fact]
    public async Task S12_new_work_that_waited_too_long_is_refused_without_state_and_a_phone_registers_all_the_same()
    {
        StubPhone phone = _tenant.Phone("100");
        (SipResponse response, _) = await phone.TryAsync(phone.Register("600", $"<{phone.Contact}>"));
        Assert.Equal(200, response.StatusCode);
        using (await StallAsync())
        {
            phone.Send(phone.Request(SipMethod.Invite, "sip:101@acme.test", "v=0"));
            phone.Send(phone.Request(SipMethod.Options, "sip:101@acme.test"));
            phone.Send(phone.Request(SipMethod.Bye, "sip:101@acme.test", null, ("To", "<sip:101@acme.test>;tag=d")));
            phone.Send(phone.Register("600", $"<{phone.Contact}>"));
            _tenant.Time.Advance(TimeSpan.FromSeconds(1.5));
        }
        foreach (string method in (string[])["INVITE", "OPTIONS"])
        {
            response = await phone.ResponseAsync();
            Assert.Equal((503, method), (response.StatusCode, response.CSeq.Method.Name));
            Assert.InRange(response.RetryAfter ?? 0, 5u, 10u);
        }
        Assert.Equal(481, (await phone.ResponseAsync()).StatusCode);
        Assert.Equal(401, (await phone.ResponseAsync()).StatusCode);
    }

    [Fact]
    public async Task S36_a_call_for_help_that_waited_is_not_refused()
    {
        StubPhone phone = _tenant.Phone("100");
        using (await StallAsync())
        {
            phone.Send(phone.Request(SipMethod.Invite, "sip:101@acme.test", "v=0"));
            phone.Send(phone.Request(SipMethod.Invite, "sip:112@acme.test", "v=0"));
            _tenant.Time.Advance(TimeSpan.FromSeconds(1.5));
        }
        Assert.Equal((503, "101"), await AnswerAsync());
        Assert.Equal((407, "112"), await AnswerAsync());

        async Task<(int, string?)> AnswerAsync()
        {
            SipResponse response = await phone.ResponseAsync();
            return (response.StatusCode, response.To.Uri.User);
        }
    }

    [Fact]
    public async Task S36_a_call_for_help_is_let_in_where_everything_else_is_dropped_and_such_calls_have_a_bound_of_their_own()
    {
        StubPhone phone = _tenant.Phone("100");
        using (await StallAsync())
        {
            for (int i = 0; i < 4 * 4096; i++)
                phone.Send(phone.Request(SipMethod.Info, "sip:101@acme.test", null, ("To", "<sip:101@acme.test>;tag=d")));
            phone.Send(phone.Request(SipMethod.Invite, "sip:101@acme.test", "v=0"));
            Assert.Equal((503, "101"), await AnswerAsync());
            for (int i = 0; i < 256; i++)
                phone.Send(phone.Request(SipMethod.Invite, i == 0 ? "urn:service:sos" : "sip:112@acme.test", "v=0"));
            phone.Send(phone.Request(SipMethod.Invite, "sip:112@acme.test", "v=0"));
            Assert.Equal((503, "112"), await AnswerAsync());
        }
        for (int i = 0; i < 4 * 4096; i++)
            Assert.Equal((481, "101"), await AnswerAsync());
        for (int i = 0; i < 256; i++)
            Assert.Equal((407, i == 0 ? null : "112"), await AnswerAsync());

        async Task<(int, string?)> AnswerAsync()
        {
            SipResponse response = await phone.ResponseAsync();
            return (response.StatusCode, response.To.Uri.User);
        }
    }

    [Fact]
    public async Task S12_what_was_let_in_and_is_repeated_is_not_refused()
    {
        StubPhone phone = _tenant.Phone("100", SipTransport.Udp);
        SipRequest options = phone.Request(SipMethod.Options, "sip:101@acme.test");
        phone.Send(options);
        Assert.Equal(200, (await phone.ResponseAsync()).StatusCode);
        using (await StallAsync())
        {
            phone.Send(options);
            _tenant.Time.Advance(TimeSpan.FromSeconds(1.5));
        }
        Assert.Equal(200, (await phone.ResponseAsync()).StatusCode);             // §17.2.2: its answer once more
    }

    [Theory]
    [InlineData(LegFaults.NodeUnavailable)]
    [InlineData(LegFaults.NoFreePort)]
    public async Task S12_a_call_that_no_media_node_serves_is_told_when_to_come_again(string fault)      // RFC 3261 §21.5.4
    {
        StubPhone phone = _tenant.Phone("100");
        _tenant.Media.UnacceptableFault = fault;
        (SipResponse response, _) = await phone.DialAsync("*43", "v=0 unacceptable");
        Assert.Equal(503, response.StatusCode);
        Assert.InRange(response.RetryAfter ?? 0, 5u, 10u);
    }

    [Fact]
    public async Task S12_a_tenants_queue_is_bounded()
    {
        StubPhone phone = _tenant.Phone("100");
        using (await StallAsync())
        {
            for (int i = 0; i < 5000; i++)
                phone.Send(phone.Request(SipMethod.Options, "sip:101@acme.test"));
            phone.Send(phone.Register("600", $"<{phone.Contact}>"));
            Assert.Equal(503, (await phone.ResponseAsync()).StatusCode);         // at once, while the others still wait
        }
        int served = 0, challengedAfter = -1;
        while (served < 4096 || challengedAfter < 0)
        {
            SipResponse response = await phone.ResponseAsync();
            served += response.StatusCode == 200 ? 1 : 0;
            if (response.StatusCode == 401)
                challengedAfter = served;
        }
        Assert.Equal(4096, served);
        Assert.InRange(challengedAfter, 1, 16);                                  // it lets others go first, and is not forgotten
    }

    [Fact]
    public async Task S12_thousands_that_register_keep_nobody_from_calling()
    {
        StubPhone phone = _tenant.Phone("100");
        using (await StallAsync())
        {
            for (int i = 0; i < 5000; i++)
                phone.Send(phone.Register("600", $"<{phone.Contact}>"));
            phone.Send(phone.Request(SipMethod.Options, "sip:101@acme.test"));
        }
        Assert.Equal((200, "OPTIONS"), await NextAsync());                      // before all of them, and not for their number refused
        for (int i = 0; i < 5000; i++)
            Assert.Equal((401, "REGISTER"), await NextAsync());

        async Task<(int Status, string Method)> NextAsync()
        {
            SipResponse response = await phone.ResponseAsync();
            return (response.StatusCode, response.CSeq.Method.Name);
        }
    }

    [Fact]
    public void S12_a_burst_is_waited_for_and_a_standing_queue_is_cut_short()      // after CoDel, RFC 8289 §4
    {
        FakeTimeProvider time = new();
        Sojourn sojourn = new(time);
        for (int i = 0; i < 3; i++)                                               // a pause, and what it left is worked off
        {
            Take(0.9);
            Assert.False(sojourn.IsTooLong(isAccepted: false));
            Take(0.2);
            Assert.False(sojourn.IsTooLong(isAccepted: false));
            Take(0);
        }
        for (int i = 0; i < 8; i++)
            Take(0.2);
        Assert.True(sojourn.IsTooLong(isAccepted: false));
        Assert.False(sojourn.IsTooLong(isAccepted: true));                        // challenged, and back with credentials
        Take(0.1);
        Assert.False(sojourn.IsTooLong(isAccepted: false));
        Take(1.1);
        Assert.True(sojourn.IsTooLong(isAccepted: true));
        Take(0.01);                                                               // it was empty
        Take(0.2);
        Assert.False(sojourn.IsTooLong(isAccepted: false));

        void Take(double seconds)
        {
            time.Advance(TimeSpan.FromMilliseconds(150));
            sojourn.Take(TimeSpan.FromSeconds(seconds));
        }
    }

    [Fact]
    public async Task S12_the_edges_hear_how_long_a_media_node_takes_to_answer_or_that_it_does_not()
    {
        FakeTimeProvider time = new();
        WorkerDelay delay = new(time);
        Task<int>[] measured = new Task<int>[3];
        TaskCompletionSource<int>[] answers = [new(), new(), new()];
        measured[0] = delay.Media.MeasureAsync(answers[0].Task);
        time.Advance(TimeSpan.FromMilliseconds(400));
        measured[1] = delay.Media.MeasureAsync(answers[1].Task);
        Assert.Equal(TimeSpan.FromMilliseconds(400), delay.Current);              // nothing came so far
        answers[0].SetResult(7);
        Assert.Equal(7, await measured[0]);
        measured[2] = delay.Media.MeasureAsync(answers[2].Task);
        time.Advance(TimeSpan.FromMilliseconds(50));
        answers[1].SetResult(8);
        await measured[1];
        time.Advance(TimeSpan.FromMilliseconds(60));
        Assert.Equal(TimeSpan.FromMilliseconds(60), delay.Current);               // the shorter of two, 50, is shorter than the silence since
        answers[2].SetException(new OperationCanceledException());                // the call is over
        await Assert.ThrowsAsync<OperationCanceledException>(() => measured[2]);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.Zero, delay.Current);                               // nobody asks
    }

    [Fact]
    public void S12_a_queue_that_is_empty_now_and_then_is_no_overload()
    {
        FakeTimeProvider time = new();
        QueueDelay delay = new(time);
        Assert.Equal(TimeSpan.Zero, delay.Current);
        Observe(delay, time, 500, 300, 400);
        Assert.Equal(TimeSpan.FromMilliseconds(300), delay.Current);
        Observe(delay, time, 500, 0, 400);
        Assert.Equal(TimeSpan.Zero, delay.Current);
        Observe(delay, time, 500);
        time.Advance(TimeSpan.FromSeconds(5));                                   // nothing came since
        Assert.Equal(TimeSpan.Zero, delay.Current);
    }

    public void Dispose() => _tenant.Dispose();

    private static void Observe(QueueDelay delay, FakeTimeProvider time, params int[] milliseconds)
    {
        foreach (int wait in milliseconds)
            delay.Observe(TimeSpan.FromMilliseconds(wait).Ticks * time.TimestampFrequency / TimeSpan.TicksPerSecond);
        time.Advance(TimeSpan.FromMilliseconds(100));
    }

    // Keeps the tenant's thread busy until disposed.
    private async Task<IDisposable> StallAsync()
    {
        Stall stall = new();
        _tenant.Runtime.Scheduler.Post(stall.Run);
        await stall.Began.WaitAsync(Patience.Limit);
        return stall;
    }

    private sealed class Stall : IDisposable
    {
        private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _end = new();

        public Task Began => _began.Task;

        public void Run()
        {
            _began.SetResult();
            _end.Wait(Patience.Limit);
        }

        public void Dispose() => _end.Set();
    }
}
