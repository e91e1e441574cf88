using System.Text.Json;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Tests.Trunks;

public sealed class TrunkProfileTests
{
    [Fact]
    public void Each_carrier_that_is_named_in_the_product_has_a_profile() => Assert.Equal(
        ["generic", "ims", "teams", "twilio", "telnyx", "fritzbox", "peer"], TrunkProfiles.All.Select(profile => profile.Name));

    [Fact]
    public void The_generic_profile_adds_no_parameter_and_learns_100rel()               // RFC 3262, as carriers misuse it (I1, I2)
    {
        TrunkProfile generic = TrunkProfiles.Find(TrunkProfiles.DefaultName)!;
        Assert.Equal((Rel100Policy.Auto, "", CalledNumberSource.RequestUri, SrtpPolicy.Off),
            (generic.Rel100, generic.RequestUriParameters, generic.CalledNumberFrom, generic.Srtp));
    }

    [Fact]
    public void The_ims_profile_says_user_phone_and_finds_the_called_number_in_P_Called_Party_ID()      // RFC 3261 §19.1.1, RFC 7315 §4.2; China Mobile
    {
        TrunkProfile ims = TrunkProfiles.Find("ims")!;
        Assert.Equal(("user=phone", CalledNumberSource.PCalledPartyId, true), (ims.RequestUriParameters, ims.CalledNumberFrom, ims.FreshCallIdPerRegister));
        Assert.Equal(("{account}", "{caller}", ""), (ims.FromUser, ims.PreferredIdentity, ims.AssertedIdentity));
        Assert.Equal((Rel100Policy.Auto, true, 20), (ims.Rel100, ims.HistoryInfo, ims.PacketMilliseconds));
        Assert.Equal(["PCMA", "PCMU"], ims.Codecs);                                      // 8 kHz alone
    }

    [Fact]
    public void The_teams_profile_encrypts_all_media_asks_often_lets_transfer_and_does_not_relay_its_silent_183()      // I31, I46
    {
        TrunkProfile teams = TrunkProfiles.Find(TrunkProfiles.TeamsName)!;
        Assert.Equal((SrtpPolicy.Required, EarlyMediaPolicy.Ringback, true, true), (teams.Srtp, teams.EarlyMedia, teams.AcceptTransfers, teams.OptionsKeepAlive));
        Assert.Equal(("user=phone", "{caller}", Rel100Policy.Off), (teams.RequestUriParameters, teams.AssertedIdentity, teams.Rel100));
        Assert.Equal((true, false, 60), (teams.HistoryInfo, teams.Diversion, teams.OptionsIntervalSeconds));
        Assert.Null(teams.ContactHost);                                                  // each has its own: the name of its certificate
        Assert.True(teams.VerifyServerName);
    }

    [Theory]
    [InlineData("twilio", new[] { "PCMU", "PCMA" })]
    [InlineData("telnyx", new[] { "PCMU", "PCMA", "G722" })]
    public void The_profiles_of_Twilio_and_Telnyx_keep_the_carriers_name_in_the_Request_URI_and_say_the_caller_in_P_Asserted_Identity(string name, string[] codecs)      // I8, I10
    {
        TrunkProfile profile = TrunkProfiles.Find(name)!;
        Assert.Equal((CalledNumberSource.RequestUri, "", TrunkUriScheme.Sip), (profile.CalledNumberFrom, profile.RequestUriParameters, profile.UriScheme));
        Assert.Equal(("{caller}", "{caller}", "{server}"), (profile.FromUser, profile.AssertedIdentity, profile.FromDomain));
        Assert.Equal((Rel100Policy.Off, SrtpPolicy.Optional), (profile.Rel100, profile.Srtp));
        Assert.Equal(codecs, profile.Codecs);
    }

    [Fact]
    public void To_a_FRITZ_Box_we_are_one_of_its_phones_which_it_asks_for_nothing_else()
    {
        TrunkProfile box = TrunkProfiles.Find("fritzbox")!;
        Assert.Equal(("{account}", CalledNumberSource.To, SrtpPolicy.Off), (box.FromUser, box.CalledNumberFrom, box.Srtp));
        Assert.Equal((false, false, false), (box.OptionsKeepAlive, box.Diversion, box.Privacy));
        Assert.Equal((Rel100Policy.Off, SessionTimerPolicy.Off, "G722"), (box.Rel100, box.SessionTimer, box.Codecs[0]));
    }

    [Fact]
    public void Another_PBX_is_trusted_with_extensions_names_and_transfers()
    {
        TrunkProfile peer = TrunkProfiles.Find("peer")!;
        Assert.Equal(("{caller}", "{domain}", "{caller}", "{caller}"), (peer.FromUser, peer.FromDomain, peer.AssertedIdentity, peer.RemotePartyId));
        Assert.Equal((true, Rel100Policy.Supported, SrtpPolicy.Optional), (peer.AcceptTransfers, peer.Rel100, peer.Srtp));
        Assert.Contains("opus", peer.Codecs);
    }

    [Fact]
    public void Only_those_that_we_trust_may_transfer() =>
        Assert.Equal(["teams", "peer"], TrunkProfiles.All.Where(profile => profile.AcceptTransfers).Select(profile => profile.Name));

    [Fact]
    public void Changes_without_members_leave_every_shipped_profile_as_it_is() =>
        Assert.All(TrunkProfiles.All, profile => Assert.Equal(profile, new TrunkProfileChanges().Over(profile)));

    [Fact]
    public void Every_member_of_a_profile_but_its_name_can_be_changed() => Assert.Equal(
        typeof(TrunkProfile).GetProperties().Select(p => p.Name).Where(n => n is not (nameof(TrunkProfile.Name) or "EqualityContract")).Order(),
        typeof(TrunkProfileChanges).GetProperties().Select(p => p.Name).Where(n => n is not "EqualityContract").Order());

    [Fact]
    public void A_change_wins_over_the_profile()
    {
        TrunkProfile profile = new TrunkProfileChanges { Rel100 = Rel100Policy.Off, RequestUriParameters = "", Codecs = ["PCMU"] }.Over(TrunkProfiles.Find("ims")!);
        Assert.Equal((Rel100Policy.Off, "", "ims"), (profile.Rel100, profile.RequestUriParameters, profile.Name));
        Assert.Equal(["PCMU"], profile.Codecs);
    }

    [Fact]
    public void An_own_profile_is_the_shipped_one_with_its_changes_under_its_own_name_and_a_trunks_changes_win_over_both()
    {
        TrunkProfile own = new OwnProfile("city", "ims", new TrunkProfileChanges { Rel100 = Rel100Policy.Off, Codecs = ["PCMU"] }).ToProfile();
        Assert.Equal(("city", Rel100Policy.Off, "user=phone"), (own.Name, own.Rel100, own.RequestUriParameters));
        TrunkProfile acting = new TrunkProfileChanges { Rel100 = Rel100Policy.Required }.Over(own);
        Assert.Equal(("city", Rel100Policy.Required), (acting.Name, acting.Rel100));
        Assert.Equal(["PCMU"], acting.Codecs);
    }

    [Fact]
    public void An_own_profile_of_a_shipped_one_that_is_not_there_any_more_starts_from_the_generic_one() =>
        Assert.Equal(TrunkProfiles.Find(TrunkProfiles.DefaultName)! with { Name = "city" }, new OwnProfile("city", "gone", new TrunkProfileChanges()).ToProfile());

    [Fact]
    public void A_trunk_reads_back_from_its_text()
    {
        TrunkSettings trunk = new()
        {
            Id = TrunkId.New(),
            Name = "carrier",
            Kind = TrunkKind.Registered,
            Server = new TrunkServer("ims.example", 5061, TrunkTransport.Tls),
            Accounts = [new TrunkAccount { User = "+861012345678", AuthUser = "a@ims.example", SealedPassword = [1, 2, 3] }],
            Profile = TrunkProfiles.Find("ims")!,
        };
        string text = JsonSerializer.Serialize(trunk, JsonSerializerOptions.Web);
        Assert.Contains("\"rel100\":\"auto\"", text, StringComparison.Ordinal);
        Assert.Equal(text, JsonSerializer.Serialize(JsonSerializer.Deserialize<TrunkSettings>(text, JsonSerializerOptions.Web), JsonSerializerOptions.Web));
    }

    [Theory]
    [InlineData(408, true)]
    [InlineData(403, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(0, true)]                               // could not be reached
    [InlineData(404, false)]
    [InlineData(480, false)]
    [InlineData(486, false)]
    [InlineData(600, false)]
    [InlineData(603, false)]
    public void A_busy_callee_ends_the_hunting_and_a_failed_carrier_does_not(int status, bool next) =>      // I29
        Assert.Equal(next, FailoverCauses.Include(FailoverCauses.Default, status));

    [Theory]
    [InlineData(302, true)]                             // not followed
    [InlineData(401, true)]
    [InlineData(402, true)]
    [InlineData(407, true)]
    [InlineData(420, true)]
    [InlineData(421, true)]
    [InlineData(403, false)]                            // the route's to say
    [InlineData(408, false)]
    [InlineData(486, false)]
    public void What_no_callee_says_fails_over_whatever_a_route_lists(int status, bool next) =>      // I29
        Assert.Equal(next, FailoverCauses.Include(["503"], status));

    [Theory]
    [InlineData("404", true)]
    [InlineData("4xx", true)]
    [InlineData("200", false)]
    [InlineData("7xx", false)]
    [InlineData("4x4", false)]
    [InlineData("40", false)]
    [InlineData("", false)]
    public void A_cause_is_a_status_or_a_class(string text, bool valid) => Assert.Equal(valid, FailoverCauses.IsValid(text));
}
