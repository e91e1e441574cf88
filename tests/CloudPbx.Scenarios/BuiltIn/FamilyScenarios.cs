using System.Net;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;

namespace CloudPbx.Scenarios.BuiltIn;

/// <summary>A phone of IPv6 and one of IPv4 (RFC 6157), each heard by the other before a hold and after it. <c>RealPhones/BothFamiliesScenarios</c> tries it with baresip, which records nothing more once it has held.</summary>
[Collection(BuiltInPhonesGroup.Name)]
public sealed class FamilyScenarios(ProductFixture fixture)
{
    private const string V4 = "127.0.0.1", V6 = "::1";

    [Theory]
    [InlineData(V6, SrtpPolicy.Off, V4, SrtpPolicy.Off, "PCMA")]
    [InlineData(V4, SrtpPolicy.Off, V6, SrtpPolicy.Required, "PCMA")]
    [InlineData(V6, SrtpPolicy.Required, V4, SrtpPolicy.Off, "G722")]                    // transcoded
    public async Task After_a_hold_each_hears_the_other_again(string callers, SrtpPolicy callerSrtp, string callees, SrtpPolicy calleeSrtp, string callersCodec)
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, TestContext.Current.CancellationToken);
        Phone alice = await company.RegisterAsync(Account(company, "100", callers, callerSrtp, callersCodec)), bob = await company.RegisterAsync(Account(company, "101", callees, calleeSrtp, "PCMA"));
        (PhoneCall atAlice, PhoneCall atBob) = await CallScenarios.TalkAsync(alice, bob, "101");
        await CallScenarios.HearEachOtherAsync(atAlice, atBob);
        Assert.Equal((IPAddress.Parse(callers), IPAddress.Parse(callees)), (atAlice.Audio.Figures.Source!.Address, atBob.Audio.Figures.Source!.Address));
        foreach (PhoneCall holder in new[] { atAlice, atBob })
        {
            Assert.True(await holder.HoldAsync(true));
            Assert.Equal(MediaDirection.SendOnly, holder.Audio.Media!.Direction);
            Assert.True(await holder.HoldAsync(false));
            await CallScenarios.HearEachOtherAsync(atAlice, atBob, 520, 760);
            await CallScenarios.HearEachOtherAsync(atAlice, atBob);                      // nothing of before
        }
        await atAlice.HangUpAsync();
        await atBob.Ended.WaitAsync(Deadlines.Signalling);
    }

    private static PhoneOptions Account(Company company, string number, string server, SrtpPolicy srtp, string codec)
    {
        PhoneOptions account = company.Account(number, srtp == SrtpPolicy.Off ? SipTransport.Udp : SipTransport.Tls, srtp);
        return account with { Server = new IPEndPoint(IPAddress.Parse(server), account.Server.Port), Codecs = [codec == "G722" ? AudioCodec.G722 : AudioCodec.Pcma] };
    }
}
