using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;
using CloudPbx.State;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Tests.Registrar;

/// <summary>RFC 3261 §10.3, by a phone's eyes.</summary>
public sealed class RegisterTests : IDisposable
{
    private readonly TestTenant _tenant = new();

    [Fact]
    public async Task A_phone_registers_and_is_told_exactly_what_it_was_granted()
    {
        StubPhone phone = _tenant.Phone("100");
        SipResponse response = await phone.RegisterAsync("600");
        Assert.Equal(200, response.StatusCode);
        NameAddress contact = Assert.Single(response.Contacts);
        Assert.Equal(phone.Contact, contact.Uri.ToString());
        Assert.Equal("600", contact.Parameters["expires"]);
        Binding copy = Assert.Single(_tenant.Copies.Values);
        Assert.Equal("100", copy.Extension);
        Assert.Equal("tls", copy.Transport);
        Assert.Equal(phone.FlowToken, copy.FlowToken);
    }

    [Theory]
    [InlineData(true, 420)]
    [InlineData(false, 200)]
    public async Task A_proxy_that_needs_its_Path_to_be_kept_is_told_that_it_is_not_and_one_that_only_offers_it_sees_none_in_the_answer(bool isRequired, int status)      // RFC 3327 §5.3
    {
        StubPhone phone = _tenant.Phone("100");
        SipRequest register = phone.Register("600", $"<{phone.Contact}>");
        register.Headers.Add(SipHeaderName.Supported, "path");
        register.Headers.Add(SipHeaderName.Path, "<sip:proxy.example;lr>");
        phone.Send(register);
        SipResponse response = await phone.ResponseAsync();
        Assert.Equal(401, response.StatusCode);
        SipRequest again = phone.Again(register, response);
        if (isRequired)
            again.Headers.Add(SipHeaderName.Require, "path");
        phone.Send(again);
        response = await phone.ResponseAsync();
        Assert.Equal((status, isRequired ? "path" : null, null), (response.StatusCode, response.Headers.Get(SipHeaderName.Unsupported), response.Headers.Get(SipHeaderName.Path)));
        Assert.Equal(!isRequired, _tenant.Copies.Count == 1);
    }

    [Theory]
    [InlineData("60", "60")]
    [InlineData("180", "180")]
    [InlineData("3600", "3600")]
    [InlineData("86400", "3600")]               // step 7: the registrar may shorten
    [InlineData(null, "3600")]                  // no wish
    [InlineData("4294967296000", "3600")]       // RFC 4475 §3.1.2.4: no overflow
    public async Task I35_a_wish_from_60_s_to_1_h_is_granted_as_it_is(string? wish, string granted)
    {
        SipResponse response = await _tenant.Phone("100").RegisterAsync(wish);
        Assert.Equal(granted, Assert.Single(response.Contacts).Parameters["expires"]);
    }

    [Fact]
    public async Task A_shorter_wish_gets_423_and_the_minimum()
    {
        SipResponse response = await _tenant.Phone("100").RegisterAsync("59");
        Assert.Equal(423, response.StatusCode);
        Assert.Equal("60", response.Headers.Get(SipHeaderName.MinExpires));
        Assert.Empty(_tenant.Copies);
    }

    [Fact]
    public async Task The_contacts_own_expiry_goes_before_the_fields()
    {
        StubPhone phone = _tenant.Phone("100");
        (SipResponse response, _) = await phone.TryAsync(phone.Register("600", $"<{phone.Contact}>;expires=120"));
        Assert.Equal("120", Assert.Single(response.Contacts).Parameters["expires"]);
    }

    [Fact]
    public async Task Zero_removes_and_a_binding_expires_by_itself()
    {
        StubPhone phone = await _tenant.RegisteredAsync("100");
        Assert.Empty((await phone.RegisterAsync("0")).Contacts);
        Assert.Empty(_tenant.Copies);

        await phone.RegisterAsync("120");
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(119));
        Assert.Single(_tenant.Copies);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Empty(_tenant.Copies);
    }

    [Fact]
    public async Task Several_phones_of_an_extension_are_listed_and_the_asking_one_first()
    {
        StubPhone desk = await _tenant.RegisteredAsync("101");
        StubPhone mobile = _tenant.Phone("101b");
        SipResponse response = await mobile.RegisterAsync();
        Assert.Equal([mobile.Contact, desk.Contact], response.Contacts.Select(contact => contact.Uri.ToString()));
        response = await desk.RegisterAsync();
        Assert.Equal([desk.Contact, mobile.Contact], response.Contacts.Select(contact => contact.Uri.ToString()));
    }

    [Fact]
    public async Task A_request_without_contact_asks_and_changes_nothing()
    {
        StubPhone phone = await _tenant.RegisteredAsync("100");
        (SipResponse response, _) = await phone.TryAsync(phone.Register(null));
        Assert.Equal(phone.Contact, Assert.Single(response.Contacts).Uri.ToString());
    }

    [Fact]
    public async Task A_lower_CSeq_of_the_same_call_is_out_of_order_and_an_exact_repeat_gets_200()
    {
        StubPhone phone = _tenant.Phone("100");
        phone.RegisterCSeq = 50;
        await phone.RegisterAsync();
        phone.RegisterCSeq = 10;
        Assert.Equal(500, (await phone.RegisterAsync()).StatusCode);
        phone.RegisterCSeq = 51;                                  // what the first was accepted with, after its challenge
        Assert.Equal(200, (await phone.RegisterAsync()).StatusCode);
        phone.RegisterCallId = "another";                         // a phone that restarted counts anew
        phone.RegisterCSeq = 1;
        Assert.Equal(200, (await phone.RegisterAsync()).StatusCode);
        Assert.Single(_tenant.Copies);
    }

    [Fact]
    public async Task The_star_removes_all_bindings_of_the_extension()
    {
        await _tenant.RegisteredAsync("101b");
        StubPhone phone = await _tenant.RegisteredAsync("101");
        (SipResponse response, _) = await phone.TryAsync(phone.Register("0", "*"));
        Assert.Equal(200, response.StatusCode);
        Assert.Empty(response.Contacts);
        Assert.Empty(_tenant.Copies);
    }

    [Theory]
    [InlineData("600", "*")]                                      // step 6: only with Expires: 0
    [InlineData(null, "*")]
    [InlineData("0", "*", "<sip:100@192.0.2.9>")]                 // and only alone
    [InlineData("600", "<mailto:100@acme.test>")]
    public async Task A_malformed_wish_gets_400(string? expires, params string[] contacts)
    {
        StubPhone phone = _tenant.Phone("100");
        (SipResponse response, _) = await phone.TryAsync(phone.Register(expires, contacts));
        Assert.Equal(400, response.StatusCode);
    }

    [Fact]
    public async Task S6_a_device_cannot_register_another_extension()
    {
        StubPhone victim = await _tenant.RegisteredAsync("101");
        string[] before = [.. _tenant.Copies.Keys];
        StubPhone mallory = _tenant.Phone("100");
        SipRequest request = mallory.Register("600", "<sip:100@192.0.2.66>");
        request.Headers.Set(SipHeaderName.To, "<sip:101@acme.test>");
        (SipResponse response, _) = await mallory.TryAsync(request);
        Assert.Equal(403, response.StatusCode);
        Assert.Equal(before, _tenant.Copies.Keys);
        Assert.Equal(victim.Contact, Assert.Single(_tenant.Copies.Values).ContactUri);
    }

    [Fact]
    public async Task A_second_device_may_name_itself_or_its_extension()
    {
        StubPhone phone = _tenant.Phone("101b");
        SipRequest request = phone.Register("600", $"<{phone.Contact}>");
        request.Headers.Set(SipHeaderName.To, "<sip:101@acme.test>");
        (SipResponse response, _) = await phone.TryAsync(request);
        Assert.Equal(200, response.StatusCode);
        Assert.Equal("101", Assert.Single(_tenant.Copies.Values).Extension);
    }

    [Fact]
    public async Task A_new_address_of_the_same_instance_replaces_the_old_one()
    {
        StubPhone phone = _tenant.Phone("100");
        await phone.TryAsync(phone.Register("600", $"<{phone.Contact}>;+sip.instance=\"<urn:uuid:1>\";reg-id=1"));
        phone.RegisterCallId = "after-a-restart";
        (SipResponse response, _) = await phone.TryAsync(phone.Register("600", "<sip:100@198.51.100.7:9>;+sip.instance=\"<urn:uuid:1>\";reg-id=1"));
        Assert.Equal("sip:100@198.51.100.7:9", Assert.Single(response.Contacts).Uri.ToString());
        Assert.Single(_tenant.Copies);
    }

    [Fact]
    public async Task A_phone_that_reconnected_leaves_no_contact_behind()
    {
        StubPhone before = await _tenant.RegisteredAsync("100");
        StubPhone after = _tenant.Phone("100");                   // a new connection: GNOME Calls goes on with its Call-ID
        after.RegisterCallId = before.RegisterCallId;
        after.RegisterCSeq = before.RegisterCSeq;
        Assert.Equal(after.Contact, Assert.Single((await after.RegisterAsync()).Contacts).Uri.ToString());
        Assert.Equal(after.FlowToken, Assert.Single(_tenant.Copies.Values).FlowToken);
    }

    [Fact]
    public async Task The_eleventh_phone_pushes_the_stalest_out()
    {
        StubPhone first = _tenant.Phone("100");
        await first.RegisterAsync("600");
        for (int i = 0; i < 10; i++)
        {
            await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
            Assert.Equal(200, (await _tenant.Phone("100").RegisterAsync("600")).StatusCode);
        }
        Assert.Equal(10, _tenant.Copies.Count);
        Assert.DoesNotContain(_tenant.Copies.Values, binding => binding.ContactUri == first.Contact);
    }

    [Fact]
    public async Task A_UDP_phone_behind_NAT_gets_60_s_and_pings()
    {
        StubPhone phone = _tenant.Phone("100", SipTransport.Udp, address: "203.0.113.5");
        phone.Contact = "sip:100@192.168.1.20:5060";
        Assert.Equal("60", Assert.Single((await phone.RegisterAsync("3600")).Contacts).Parameters["expires"]);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(26));
        SipRequest ping = await phone.RequestAsync(SipMethod.Options);
        Assert.Equal(phone.Contact, ping.RequestUri.ToString());
        phone.Answer(ping, 200);

        StubPhone open = _tenant.Phone("102", SipTransport.Udp);
        Assert.Equal("3600", Assert.Single((await open.RegisterAsync("3600")).Contacts).Parameters["expires"]);
    }

    [Fact]
    public async Task With_Redis_away_a_phone_is_served()
    {
        _tenant.Copying = () => Task.FromResult(StoreOutcome.Away);
        Assert.Equal(200, (await _tenant.Phone("100").RegisterAsync()).StatusCode);
    }

    [Fact]
    public async Task A_device_that_is_no_longer_configured_loses_its_binding()
    {
        await _tenant.RegisteredAsync("100");
        await _tenant.RegisteredAsync("101b");
        _tenant.Runtime.Replace(_tenant.Configure(2, "101b"));
        await _tenant.SettleAsync();
        Assert.Equal("100", Assert.Single(_tenant.Copies.Values).AuthUser);
        Assert.Equal(2, _tenant.Runtime.Version);
    }

    public void Dispose() => _tenant.Dispose();
}
