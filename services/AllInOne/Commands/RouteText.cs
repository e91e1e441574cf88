using System.Globalization;
using CloudPbx.Contracts.Api;

namespace CloudPbx.AllInOne.Commands;

/// <summary>A dry run in English.</summary>
internal static class RouteText
{
    private static readonly Dictionary<string, string> s_sentences = new(StringComparer.Ordinal)
    {
        ["dialled"] = "{0} is dialled",
        ["not-a-number"] = "\"{0}\" is no number that could be called",
        ["feature-code"] = "it is the feature code of: {0}",
        ["emergency"] = "{0} is an emergency number: no limit counts, every trunk is tried",
        ["emergency-service"] = "an emergency service is asked for: {0}",
        ["no-emergency-trunk"] = "no trunk is there that {0} could be called by",
        ["suspended"] = "the tenant {0} is suspended: only emergency calls are let through",
        ["conference"] = "{0} is a conference room of the tenant",
        ["conference-pin"] = "{0} is a conference room of the tenant; it asks for its PIN",
        ["conference-locked"] = "{0} is a conference room of the tenant; it is locked: only a moderator's PIN opens it",
        ["extension"] = "{0} is an extension of the tenant",
        ["own-number"] = "{0} is the caller's own number: its other phones ring",
        ["unknown-number"] = "\"{0}\" is neither an extension nor a number outside",
        ["outside-prefix"] = "the outside prefix {0}",
        ["own-did"] = "{0} is the tenant's own number: the call stays inside",
        ["no-route"] = "no outbound route has a prefix that {0} begins with",
        ["route"] = "the longest prefix is that of the route {0}",
        ["barred"] = "the route {0} has no trunks: these numbers are barred",
        ["route-rewrite"] = "the route's rewriting: {0}",
        ["rewritten-to-nothing"] = "the rewriting of the route {0} leaves nothing to call",
        ["limit-channels"] = "the tenant's limit of calls over trunks is reached: {0}",
        ["limit-outside-calls"] = "the tenant's limit of calls to the outside is reached: {0}",
        ["limit-extension-calls"] = "the extension's limit of calls to the outside is reached: {0}",
        ["limit-calls-abroad"] = "the tenant's limit of calls to other countries is reached: {0}",
        ["limit-extension-calls-abroad"] = "the extension's limit of calls to other countries is reached: {0}",
        ["limit-calls-per-minute"] = "the tenant's limit of calls to the outside in a minute is reached: {0}",
        ["limit-minutes-per-day"] = "the minutes that the tenant may call outside in a day are used up: {0}",
        ["limit-extension-minutes-per-day"] = "the minutes that the extension may call outside in a day are used up: {0}",
        ["limit-money-per-day"] = "the money that the tenant may spend on calls in a day is used up: {0}",
        ["limit-extension-money-per-day"] = "the money that the extension may spend on calls in a day is used up: {0}",
        ["limit-destination-money-per-day"] = "the money that may be spent on calls to one destination in a day is used up: {0}",
        ["recording-failed"] = "the recording did not begin: {0}",
        ["limit-storage"] = "the storage of the tenant's plan is full: the call is not recorded",
        ["no-rate"] = "the rate table has no price for {0}, and money is limited",
        ["premium-number"] = "{0} is a premium or satellite number; the limits do not allow such (allowPremiumNumbers)",
        ["country-not-allowed"] = "numbers of {0} may not be called (allowedCountries; 001: no country's, satellites for example)",
        ["country-not-home"] = "the number is abroad, {0}: by itself a tenant calls at home; that setting lists what may be called besides, allowAllCountries allows all",
        ["country-unknown"] = "nobody knows in which country {0} is, and countries are limited; outside.country says where numbers without country code are",
        ["forward-abroad"] = "calls are not sent on to other countries: {0} (allowForwardAbroad)",
        ["trunk-down"] = "the carrier of the trunk {0} does not answer",
        ["trunk"] = "the trunk {0} may take it",
        ["trunk-missing"] = "a trunk of the route was deleted ({0})",
        ["trunk-disabled"] = "the trunk {0} is disabled",
        ["trunk-full"] = "all channels are in use of the trunk {0}",
        ["no-trunk"] = "no trunk of the route {0} can take it",
        ["called-rewrite"] = "the trunk's rewriting of the called number: {0}",
        ["caller-rewrite"] = "the trunk's rewriting of the caller's number: {0}",
        ["caller-of-route"] = "the route shows {0} as caller",
        ["caller-of-rule"] = "the tenant's rule for this extension shows {0} as caller",
        ["caller-of-extension"] = "the extension's own number {0} is shown as caller",
        ["caller-of-tenant"] = "the tenant's number {0} is shown as caller",
        ["caller-not-ours"] = "{0} is no number of the tenant and is not shown",
        ["caller-of-other-trunk"] = "{0} belongs to another trunk and is not shown here",
        ["caller-none"] = "no number of the tenant can be shown by {0}",
        ["inbound-trunk"] = "the call comes by the trunk {0}",
        ["called"] = "the carrier says that {0} is called",
        ["did"] = "{0} is a number of the tenant",
        ["did-of-other-trunk"] = "{0} belongs to another trunk",
        ["did-without-target"] = "{0} leads to no extension yet",
        ["unknown-did"] = "{0} is no number of the tenant, and the trunk has no default extension",
        ["default-extension"] = "it is no number of the tenant: the trunk's default extension is {0}",
        ["forward-always"] = "all calls are sent on: {0}",
        ["forward-busy"] = "it was busy and sent the call on: {0}",
        ["forward-no-answer"] = "nobody answered, and the call was sent on: {0}",
        ["forward-unreachable"] = "no phone was there, and the call was sent on: {0}",
        ["forward-declined"] = "it declined, and the call was sent on: {0}",
        ["forward-phone"] = "the phone sent the call on: {0}",
        ["forward-to-caller"] = "not sent on to the caller itself: {0}",
        ["forward-emergency"] = "{0} is an emergency number: no forward leads there",
        ["forward-loop"] = "the forwards go in circles: {0}",
        ["forward-too-long"] = "the call was sent on too often: {0}",
        ["if-busy"] = "when busy it is sent on: {0}",
        ["if-no-answer"] = "when nobody answers it is sent on: {0}",
        ["if-unreachable"] = "when no phone is there it is sent on: {0}",
        ["if-declined"] = "when it is declined it is sent on: {0}",
        ["no-such-extension"] = "there is no extension {0} (any more)",
    };

    /// <summary>The steps, numbered, each with its rule's key, and what comes of them.</summary>
    public static IEnumerable<string> Lines(RoutingDto answer)
    {
        int width = answer.Steps.Max(step => step.Rule.Length);
        for (int i = 0; i < answer.Steps.Count; i++)
            yield return $"{i + 1,3}  {answer.Steps[i].Rule.PadRight(width)}  {Sentence(answer.Steps[i])}";
        if (answer.Status is { } status)
        {
            yield return $"Refused with {status}.";
        }
        else if (answer.Trunks.Count > 0)
        {
            for (int i = 0; i < answer.Trunks.Count; i++)
            {
                RoutingTrunkDto trunk = answer.Trunks[i];
                yield return $"{(i == 0 ? "Sent" : "Then")} by {trunk.Trunk} to {trunk.CalledNumber}, {(trunk.CallerNumber is { } caller ? $"shown as {caller}" : "no number of the tenant shown")}.";
            }
            if (answer.Trunks.Count > 1)
                yield return $"The next one is tried when a trunk cannot be reached or answers {string.Join(", ", answer.FailoverOn)}.";
        }
        else
        {
            string shown = answer.CallerNumber is { Length: > 0 } caller ? $", shown as called by {caller}" : "";
            yield return answer.Extension is { } extension ? $"The phones of extension {extension} ring{shown}."
                : answer.Conference is { } conference ? $"Answered by the conference room {conference}."
                : "Answered by the echo test.";
        }
    }

    /// <summary>A step in English; a rule that this version does not know says itself.</summary>
    internal static string Sentence(RoutingStepDto step) =>
        s_sentences.TryGetValue(step.Rule, out string? sentence) ? string.Format(CultureInfo.InvariantCulture, sentence, step.Value) : $"{step.Rule}: {step.Value}";
}
