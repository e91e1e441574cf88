using CloudPbx.CallControl.Tenants;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Sip.Messages;
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
            Assert.Equal((503, method, "5"), (response.StatusCode, response.CSeq.Method.Name, response.Headers.Get(SipHeaderName.RetryAfter)));
        }
        Assert.Equal(481, (await phone.ResponseAsync()).StatusCode);
        Assert.Equal(401, (await phone.ResponseAsync()).StatusCode);
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
