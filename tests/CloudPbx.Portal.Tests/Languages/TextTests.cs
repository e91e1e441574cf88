using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Live;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Languages;
using CloudPbx.Portal.Phones;

namespace CloudPbx.Portal.Tests.Languages;

public sealed partial class TextTests
{
    public static TheoryData<string> All => [TextCatalog.English, TextCatalog.Chinese];

    [Fact]
    public void English_and_Chinese_have_the_same_texts() =>
        Assert.Equal(TextCatalog.Of(TextCatalog.English).Keys.Order(StringComparer.Ordinal), TextCatalog.Of(TextCatalog.Chinese).Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void A_text_has_the_same_values_in_both_languages()
    {
        foreach (string key in TextCatalog.Of(TextCatalog.English).Keys)
            Assert.True(Values(TextCatalog.English, key).SetEquals(Values(TextCatalog.Chinese, key)), $"{key} names other values in Chinese");

        static HashSet<string> Values(string language, string key) => [.. Placeholder().Matches(TextCatalog.Of(language).Find(key)!).Select(match => match.Value)];
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_text_that_the_pages_name_is_there(string language)
    {
        TextCatalog catalog = TextCatalog.Of(language);
        string[] missing = [.. Repository.PortalSources().SelectMany(file => NamedText().Matches(File.ReadAllText(file)).Select(match => match.Groups["key"].Value)).Distinct()
            .Where(key => !key.EndsWith('.') && !key.EndsWith('-') && catalog.Find(key) is null && catalog.Find(key + ".one") is null)];
        Assert.True(missing.Length == 0, $"missing: {string.Join(", ", missing)}");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_value_that_the_API_may_send_has_a_word(string language)
    {
        TextCatalog catalog = TextCatalog.Of(language);
        string[] keys =
        [
            .. Names<ExtensionState>("state."), .. Names<CallDisposition>("disposition."), .. Names<CallDirection>("direction."), .. Names<CallParty>("party."),
            .. Names<LadderPartyKind>("ladder.kind-"), .. Names<LadderDirection>("ladder.direction-"), .. Names<LadderSecurity>("ladder.security-"),
            .. Names<PhoneKind>("connect.kind-"), .. Names<PhoneKind>("connect.where-"), .. TrunkProfiles.All.Select(profile => "profile." + profile.Name),
            .. ProblemKinds().Select(kind => "problem." + kind), .. Repository.RoutingRules().Select(rule => "rule." + rule),
            .. Names<Rel100Policy>("trunk.rel100-"), .. Names<SessionTimerPolicy>("trunk.session-timer-"), .. Names<CalledNumberSource>("trunk.called-from-"), .. Names<TrunkDtmf>("trunk.dtmf-"),
            .. Names<EarlyMediaPolicy>("trunk.early-media-"), .. Names<DeliveryState>("delivery."), .. Names<NodeKind>("nodes.kind-"), .. EventTypes.All.Append(EventTypes.WebhookTest).Select(type => "event." + type.Replace('.', '-')),
            .. Enum.GetValues<UserRole>().Select(role => "role." + TokenClaims.Write(role)),
            .. Repository.Writes().Select(operation => "audit.action-" + operation),
        ];
        Assert.Equal([], keys.Where(key => catalog.Find(key) is null));
    }

    [Fact]
    public void Every_sentence_of_the_API_about_wrong_input_can_be_said_in_Chinese()
    {
        // Those with values in them are patterns, and are compared by the tests of the pages that show them.
        string[] missing = [.. Repository.ApiSentences().Where(sentence => ApiSentences.Find(TextCatalog.Chinese, sentence) is null).Distinct()];
        Assert.True(missing.Length == 0, string.Join(Environment.NewLine, missing));
    }

    [Fact]
    public void A_sentence_with_a_value_in_it_keeps_the_value() =>
        Assert.Equal("须为 5 到 300 的整数。", ApiSentences.In(TextCatalog.Chinese, "Must be a whole number from 5 to 300."));

    [Fact]
    public void An_unknown_sentence_stays_English() => Assert.Equal("Must be round.", ApiSentences.In(TextCatalog.Chinese, "Must be round."));

    [Theory]
    [InlineData("zh-CN", "zh")]
    [InlineData("zh-TW", "zh")]
    [InlineData("en-GB", "en")]
    [InlineData("de", "en")]
    public void The_language_follows_the_culture(string culture, string language) => Assert.Equal(language, TextCatalog.Of(new CultureInfo(culture)).Language);

    private static IEnumerable<string> Names<T>(string prefix)
        where T : struct, Enum => Enum.GetNames<T>().Select(name => prefix + name.ToLowerInvariant());

    private static IEnumerable<string> ProblemKinds() => typeof(ProblemTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral)
        .Select(field => (string)field.GetRawConstantValue()!).Where(type => type.Length > ProblemTypes.Prefix.Length).Select(type => ApiProblem.KindOf(type, 0));

    [GeneratedRegex(@"\{\d+")]
    private static partial Regex Placeholder();

    [GeneratedRegex("""(?:\bT|\btexts|\.Count|\.Find)[\[(]\s*"(?<key>[a-z][a-zA-Z0-9-]*\.[a-zA-Z0-9.-]+)""")]
    private static partial Regex NamedText();
}
