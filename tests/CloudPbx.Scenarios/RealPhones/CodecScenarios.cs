using System.Text.Json;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

/// <summary>Two phones that have no codec in common: what each says is made anew for the other.</summary>
[Collection(RealPhonesGroup.Name)]
public sealed class CodecScenarios(ProductFixture fixture)
{
    private readonly DateTime _begun = DateTime.UtcNow;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("opus", "PCMA")]
    [InlineData("PCMU", "opus")]
    [InlineData("opus", "G722")]
    [InlineData("G722", "PCMU")]
    public async Task Two_phones_without_a_common_codec_hear_each_other(string callers, string callees)
    {
        await using Baresip alice = await StartAsync("100", 440, callers), bob = await StartAsync("101", 620, callees);
        IRealCall atAlice = await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
        JsonElement[] legs = [.. (await LastCallAsync()).GetProperty("media").EnumerateArray()];
        Assert.Equal(
            [("callee", callees), ("caller", callers)],
            legs.Select(leg => (leg.GetProperty("party").GetString()!, leg.GetProperty("codec").GetString()!)).Order(), CodecComparer);
    }

    private static IEqualityComparer<(string Party, string Codec)> CodecComparer { get; } = EqualityComparer<(string Party, string Codec)>.Create(
        static (a, b) => a.Party == b.Party && string.Equals(a.Codec, b.Codec, StringComparison.OrdinalIgnoreCase));

    /// <summary>The newest record; asked for until it is there, each answer before the next question.</summary>
    private async Task<JsonElement> LastCallAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            JsonElement[] calls = [.. (await fixture.Phones.Api.GetAsync($"tenants/{fixture.Pbx.Domain.Split('.')[0]}/calls?limit=1", deadline.Token)).GetProperty("items").EnumerateArray()];
            if (calls is [var newest] && newest.GetProperty("endedAt").GetDateTime() > _begun)
                return newest;
        }
    }

    private async Task<Baresip> StartAsync(string extension, int tone, string codec)
    {
        Baresip phone = await Baresip.StartAsync(fixture.Phones.Account(extension, SipTransport.Tls, PhoneEncryption.Preferred) with { ToneHertz = tone, Codecs = [codec] }, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }
}
