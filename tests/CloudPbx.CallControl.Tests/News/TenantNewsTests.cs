using System.Text.Json;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.News;

/// <summary>What a worker tells for tenants' event logs.</summary>
public sealed class TenantNewsTests : IDisposable
{
    private readonly TestTenant _tenant = new();

    [Fact]
    public async Task A_call_is_told_when_it_begins_and_when_it_is_answered()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101"), alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101");
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        await _tenant.SettleAsync();
        CallEnded began = Assert.Single(_tenant.CallNews);
        Assert.Equal((_tenant.Tenant, "100", "101", null), (began.TenantId, began.CallerNumber, began.CalledNumber, began.AnsweredAt));
        bob.Answer(atBob, 180);
        await dialling;
        bob.Answer(atBob, 200, "v=0 bob's answer savp");
        await bob.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        CallEnded answered = _tenant.CallNews.ToArray()[^1];
        Assert.Equal((2, began.CallId, "101"), (_tenant.CallNews.Count, answered.CallId, answered.AnsweredBy));
        Assert.NotNull(answered.AnsweredAt);
    }

    [Fact]
    public async Task A_phone_that_comes_is_told_once_and_not_at_each_refresh()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        await bob.RegisterAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        TenantEvent came = Assert.Single(_tenant.News);
        Assert.Equal((EventTypes.DeviceRegistered, "101"), (came.Type, Text(came, "extension")));
        await bob.RegisterAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Single(_tenant.News);
        await bob.RegisterAsync("0");
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(EventTypes.DeviceUnregistered, _tenant.News.ToArray()[^1].Type);
    }

    public void Dispose() => _tenant.Dispose();

    private static string? Text(TenantEvent happened, string member) => JsonSerializer.Deserialize<JsonElement>(happened.Data).GetProperty(member).GetString();
}
