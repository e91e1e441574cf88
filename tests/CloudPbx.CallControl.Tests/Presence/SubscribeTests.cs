using CloudPbx.CallControl.Presence;
using CloudPbx.CallControl.Telemetry;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Sip.Messages;
using CloudPbx.State.Presence;
using CloudPbx.TestKit.Telemetry;

namespace CloudPbx.CallControl.Tests.Presence;

/// <summary>Who may subscribe to what, for how long, and what becomes of subscriptions (RFC 6665, SECURITY.md S7, S11).</summary>
public sealed class SubscribeTests : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly MeterReadings _readings;
    private readonly TestTenant _tenant;

    public SubscribeTests()
    {
        _readings = new MeterReadings(WorkerMetrics.MeterName, _meters);
        _tenant = new TestTenant(configure: options => (options.MaximumSubscriptionsOfDevice, options.MaximumSubscriptions) = (2, 3), metrics: new WorkerMetrics(_meters));
    }

    [Fact]
    public async Task A_stranger_is_challenged_and_leaves_nothing()
    {
        StubPhone stranger = _tenant.Phone("102", password: "guessed");
        (SipResponse response, _) = await stranger.TryAsync(new Watcher(_tenant, stranger, "101").Request());
        Assert.Equal(407, response.StatusCode);
        Assert.Equal(0, await _tenant.LampsAsync());
    }

    [Theory]
    [InlineData("101", 200, null, null)]
    [InlineData("102", 200, null, null)]                                         // itself
    [InlineData("999", 404, null, null)]
    [InlineData("*43", 404, null, null)]
    [InlineData("101", 489, "Event", "presence")]
    [InlineData("101", 489, "Event", "message-summary")]                         // there is no voicemail
    [InlineData("101", 406, "Accept", "application/pidf+xml")]
    [InlineData("101", 423, "Expires", "59")]
    [InlineData("101", 403, "Event", "dialog;call-id=x;from-tag=y")]             // RFC 4235 §3.2
    [InlineData("101", 400, "Contact", "")]
    public async Task What_is_asked_for_is_had_or_refused(string extension, int status, string? name, string? value)
    {
        StubPhone phone = _tenant.Phone("102");
        SipRequest request = new Watcher(_tenant, phone, extension).Request(null);
        if (value is { Length: 0 })
            request.Headers.Remove(name!);
        else if (name is not null)
            request.Headers.Set(name, value!);
        (SipResponse response, _) = await phone.TryAsync(request);
        Assert.Equal(status, response.StatusCode);
        if (status == 489)
            Assert.Equal("dialog", response.Headers.Get(SipHeaderName.AllowEvents));
        if (status == 200)
            Assert.Equal("3600", response.Headers.Get(SipHeaderName.Expires));
        Assert.Equal(status == 200 ? 1 : 0, await _tenant.LampsAsync());
    }

    [Fact]
    public async Task Another_domains_extension_is_not_ours()
    {
        StubPhone phone = _tenant.Phone("102");
        SipRequest request = phone.Request(SipMethod.Subscribe, "sip:101@other.test", null, ("Event", "dialog"), ("Contact", $"<{phone.Contact}>"));
        Assert.Equal(404, (await phone.TryAsync(request)).Response.StatusCode);
    }

    [Fact]
    public async Task Contact_says_how_this_phone_reaches_us_and_names_no_worker()
    {
        Watcher watcher = await new Watcher(_tenant, _tenant.Phone("102"), "101").BeginAsync();
        SipUri contact = watcher.Response!.Contacts[0].Uri;
        Assert.Equal(("pbx.test", 5061, 40), (contact.Host, contact.Port, contact.User!.Length));
        Assert.Equal(contact, watcher.Notify!.Contacts[0].Uri);
        Assert.Equal(watcher.Phone.Contact, watcher.Notify.RequestUri.ToString());
    }

    [Fact]
    public async Task A_refresh_goes_on_and_Expires_0_ends()
    {
        Watcher watcher = await new Watcher(_tenant, _tenant.Phone("102"), "101").BeginAsync("60");
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(50));
        Assert.Equal("60", (await watcher.RefreshAsync("60")).Headers.Get(SipHeaderName.Expires));
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(50));
        Assert.Equal(1, await _tenant.LampsAsync());
        await watcher.RefreshAsync("0");
        Assert.Equal("terminated;reason=timeout", watcher.State);
        Assert.Equal(0, await _tenant.LampsAsync());
        Assert.Equal(481, (await watcher.RefreshAsync()).StatusCode);            // I69
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Empty(_tenant.LampStore.List());
    }

    [Fact]
    public async Task A_look_at_the_present_state_leaves_nothing()
    {
        Watcher watcher = await new Watcher(_tenant, _tenant.Phone("102"), "101").BeginAsync("0");
        Assert.Equal(("terminated;reason=timeout", "terminated"), (watcher.State, watcher.Lamp));
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await _tenant.LampsAsync());
        Assert.Equal(0, _tenant.LampStore.Writes);
    }

    [Fact]
    public async Task What_is_not_refreshed_ends()
    {
        Watcher watcher = await new Watcher(_tenant, _tenant.Phone("102"), "101").BeginAsync("60");
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(61));
        await watcher.NotifiedAsync();
        Assert.Equal("terminated;reason=timeout", watcher.State);
        Assert.Equal(0, await _tenant.LampsAsync());
    }

    [Fact]
    public async Task A_phone_that_knows_nothing_of_it_any_more_ends_it()
    {
        Watcher watcher = new(_tenant, _tenant.Phone("102"), "101");
        (SipResponse response, _) = await watcher.Phone.TryAsync(watcher.Request());
        Assert.Equal(200, response.StatusCode);
        await watcher.NotifiedAsync(481);
        Assert.Equal(0, await _tenant.LampsAsync());
        Assert.Equal(1, _readings.Value("cloudpbx.presence.notifications", "result=refused"));
    }

    [Fact]
    public async Task A_refresh_from_elsewhere_has_to_prove_that_it_is_the_same_device()     // S11
    {
        Watcher watcher = await new Watcher(_tenant, _tenant.Phone("102"), "101").BeginAsync();
        StubPhone other = _tenant.Phone("100", address: "192.0.2.20");
        (SipResponse refused, _) = await other.TryAsync(watcher.Again("0"));
        Assert.Equal(403, refused.StatusCode);
        StubPhone stranger = _tenant.Phone("102", password: "guessed", address: "192.0.2.21");
        (SipResponse challenged, _) = await stranger.TryAsync(watcher.Again("0"));
        Assert.Equal(407, challenged.StatusCode);
        StubPhone moved = _tenant.Phone("102", address: "192.0.2.22");
        (SipResponse served, _) = await moved.TryAsync(watcher.Again("300"));
        Assert.Equal("300", served.Headers.Get(SipHeaderName.Expires));
        Assert.Equal(SipMethod.Notify, (await moved.RequestAsync(SipMethod.Notify)).Method);
    }

    [Theory]                                                                     // I70
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_phone_that_lost_its_connection_is_told_on_the_new_one(bool registersBeforeTheChange)
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        StubPhone phone = await _tenant.RegisteredAsync("102");
        Watcher watcher = await new Watcher(_tenant, phone, "101").BeginAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        if (registersBeforeTheChange)
        {
            _tenant.Edge.Break(phone);
            Assert.Equal(200, (await phone.RegisterAsync()).StatusCode);
        }
        else
        {
            _tenant.Edge.Remove(phone);
        }
        _ = alice.DialAsync("101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 180);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        if (!registersBeforeTheChange)
        {
            Assert.True(phone.HasNothing);
            _tenant.Edge.Break(phone);
            SipRequest register = phone.Register("600", $"<{phone.Contact}>");
            phone.Send(register);
            phone.Send(phone.Again(register, await phone.ResponseAsync()));
            Assert.Equal("early/recipient", await watcher.NotifiedAsync());
            Assert.Equal(200, (await phone.ResponseAsync()).StatusCode);
        }
        Assert.Equal("early/recipient", await watcher.ToldAsync());
    }

    [Fact]
    public async Task A_device_has_so_many_subscriptions_and_a_tenant_too()
    {
        StubPhone phone = _tenant.Phone("102"), other = _tenant.Phone("100", address: "192.0.2.20");
        Watcher first = await new Watcher(_tenant, phone, "101").BeginAsync();
        await new Watcher(_tenant, phone, "100").BeginAsync();
        (SipResponse refused, _) = await phone.TryAsync(new Watcher(_tenant, phone, "102").Request());
        Assert.Equal((403, "Too Many Subscriptions Of This Device"), (refused.StatusCode, refused.ReasonPhrase));
        // What a phone left behind when it was switched off makes place for the same key.
        await phone.TryAsync(new Watcher(_tenant, phone, "101").Request());
        SipRequest former = await phone.RequestAsync(SipMethod.Notify);
        await phone.RequestAsync(SipMethod.Notify);
        Assert.Equal(2, await _tenant.LampsAsync());
        Assert.True(former.CallId == first.Subscribe!.CallId || former.Headers.Get(SipHeaderName.SubscriptionState)!.StartsWith("active", StringComparison.Ordinal));
        await new Watcher(_tenant, other, "101").BeginAsync();
        (SipResponse full, _) = await other.TryAsync(new Watcher(_tenant, other, "102").Request());
        Assert.Equal((503, "Too Many Subscriptions"), (full.StatusCode, full.ReasonPhrase));
        Assert.True(full.Headers.Has(SipHeaderName.RetryAfter));
    }

    [Theory]                                                                     // RFC 6665 §4.1.3
    [InlineData("101", "terminated;reason=noresource")]
    [InlineData("102", "terminated;reason=rejected")]
    public async Task What_is_deleted_ends_with_a_word(string deleted, string state)
    {
        Watcher watcher = await new Watcher(_tenant, _tenant.Phone("102"), "101").BeginAsync();
        _tenant.Runtime.Replace(_tenant.Configure(2, without: deleted));
        await _tenant.SettleAsync();
        Assert.Equal(("terminated", state), (await watcher.NotifiedAsync(), watcher.State));
        Assert.Equal(0, await _tenant.LampsAsync());
    }

    [Fact]
    public async Task A_suspended_tenant_is_asked_again_later()
    {
        Watcher watcher = await new Watcher(_tenant, _tenant.Phone("102"), "101").BeginAsync();
        _tenant.Shape = content => content with { Suspended = true };
        _tenant.Runtime.Replace(_tenant.Configure(2));
        await _tenant.SettleAsync();
        await watcher.NotifiedAsync();
        Assert.Equal("terminated;reason=probation;retry-after=3600", watcher.State);
        (SipResponse refused, _) = await watcher.Phone.TryAsync(watcher.Request());
        Assert.Equal(403, refused.StatusCode);
    }

    [Fact]
    public async Task A_tenant_that_is_deleted_ends_them()
    {
        Watcher watcher = await new Watcher(_tenant, _tenant.Phone("102"), "101").BeginAsync();
        _tenant.Runtime.Deleted();
        await _tenant.Runtime.EndAsync("Tenant Ended");
        await watcher.NotifiedAsync();
        Assert.Equal("terminated;reason=noresource", watcher.State);
        Assert.Empty(_tenant.LampStore.List());
    }

    [Fact]
    public async Task A_worker_that_stops_leaves_them_to_its_next_start_and_takes_no_new_ones()
    {
        Watcher watcher = await new Watcher(_tenant, _tenant.Phone("102"), "101").BeginAsync();
        await _tenant.Runtime.EndAsync("Server Stopping");
        Assert.True(watcher.Phone.HasNothing);
        Assert.Single(_tenant.LampStore.List());
        (SipResponse later, _) = await watcher.Phone.TryAsync(watcher.Request());
        Assert.Equal(503, later.StatusCode);
    }

    [Fact]
    public async Task A_tenant_that_is_watched_stays_awake()
    {
        bool quiet = false;
        _tenant.Runtime.Quiet += () => quiet = true;
        await new Watcher(_tenant, _tenant.Phone("102"), "101").BeginAsync("1800");
        for (int minute = 0; minute < 29; minute++)
            await _tenant.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.False(quiet);
        for (int minute = 0; minute < 18; minute++)
            await _tenant.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.True(quiet);
    }

    [Fact]
    public async Task Subscriptions_and_NOTIFYs_are_counted()
    {
        await new Watcher(_tenant, _tenant.Phone("102"), "101").BeginAsync();
        await _tenant.SettleAsync();
        Assert.Equal(1, _readings.Value("cloudpbx.presence.subscriptions"));
        Assert.Equal(1, _readings.Value("cloudpbx.presence.notifications", "result=accepted"));
    }

    [Fact]
    public async Task A_subscription_in_a_calls_dialog_is_refused()              // RFC 6665 §4.5.2
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101");
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(atBob, 200, "v=0 bob's answer savp");
        (SipResponse answer, SipRequest invite) = await dialling;
        alice.Ack(invite, answer);
        SipRequest subscribe = alice.InDialog(SipMethod.Subscribe, invite, answer);
        subscribe.Headers.Add(SipHeaderName.Event, "dialog");
        alice.Send(subscribe);
        Assert.Equal(403, (await alice.ResponseAsync()).StatusCode);
    }

    public void Dispose()
    {
        _tenant.Dispose();
        _readings.Dispose();
        _meters.Dispose();
    }
}
