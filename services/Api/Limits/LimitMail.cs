using System.Text.Json;
using CloudPbx.Contracts.Events;

namespace CloudPbx.Api.Limits;

/// <summary>The mail to a tenant's administrators when one of its limits acted, in the tenant's language.</summary>
internal static class LimitMail
{
    private static readonly Dictionary<string, (string English, string Chinese)> s_words = new(StringComparer.Ordinal)
    {
        ["limit-channels"] = ("as many calls over trunks at once as are allowed", "同时的中继通话数已达上限"),
        ["limit-outside-calls"] = ("as many calls to the outside at once as are allowed", "同时的外呼数已达上限"),
        ["limit-extension-calls"] = ("as many calls of one extension to the outside at once as are allowed", "单个分机同时的外呼数已达上限"),
        ["limit-calls-abroad"] = ("as many calls to other countries at once as are allowed", "同时的国际呼叫数已达上限"),
        ["limit-extension-calls-abroad"] = ("as many calls of one extension to other countries at once as are allowed", "单个分机同时的国际呼叫数已达上限"),
        ["limit-calls-per-minute"] = ("as many calls to the outside in a minute as are allowed", "每分钟外呼数已达上限"),
        ["limit-call-seconds"] = ("the longest time that a call to the outside may take", "单次外呼时长已达上限"),
        ["limit-minutes-per-day"] = ("the minutes of calls to the outside in a day", "当日外呼分钟数已用完"),
        ["limit-extension-minutes-per-day"] = ("the minutes of one extension's calls to the outside in a day", "单个分机当日外呼分钟数已用完"),
        ["limit-money-per-day"] = ("the money for calls in a day", "当日通话费用已用完"),
        ["limit-extension-money-per-day"] = ("the money for one extension's calls in a day", "单个分机当日通话费用已用完"),
        ["limit-destination-money-per-day"] = ("the money for calls to one destination in a day", "当日呼叫同一目的地的费用已用完"),
        ["limit-storage"] = ("the storage for recordings and own sounds is full, no further recording begins until some are deleted", "录音和自有音频的存储空间已用完，删除一部分之前不会开始新的录音"),
        ["premium-number"] = ("a premium or satellite number was called, which is not allowed", "呼叫了不允许的高资费或卫星号码"),
        ["country-not-allowed"] = ("a country was called that is not among those allowed", "呼叫了不允许的国家"),
        ["country-not-home"] = ("another country was called, and only the home country is allowed until allowedCountries lists others", "呼叫了其他国家；在 allowedCountries 列出之前，只允许呼叫本国"),
        ["country-unknown"] = ("a number of no known country was called, and countries are limited", "呼叫了无法判断国家的号码，而可呼叫的国家受限"),
        ["forward-abroad"] = ("a call was to be sent on abroad, which is not allowed", "呼叫将被转接到国外，这不被允许"),
        ["no-rate"] = ("a number without a price was called, and money is limited", "呼叫了没有费率的号码，而费用受限"),
    };

    /// <summary>Writes it.</summary>
    /// <param name="language">BCP 47.</param>
    /// <param name="tenant">The tenant's name.</param>
    /// <param name="happened">The event (<see cref="EventTypes.LimitReached"/>).</param>
    /// <param name="address">Where the limits are changed.</param>
    public static (string Subject, string Text) Write(string language, string tenant, TenantEvent happened, string address)
    {
        using JsonDocument data = JsonDocument.Parse(happened.Data);
        string rule = Member(data, "limit"), value = Member(data, "value"), extension = Member(data, "extension"), action = Member(data, "action");
        bool chinese = language.StartsWith("zh", StringComparison.OrdinalIgnoreCase);
        string what = s_words.TryGetValue(rule, out (string English, string Chinese) words) ? (chinese ? words.Chinese : words.English) : rule;
        string at = happened.At.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);
        string detail = value.Length == 0 ? "" : $" ({value})";
        return chinese
            ? ($"{tenant}：电话限额已起作用", $"{at} (UTC)，“{tenant}”的一项限额起了作用：{what}{detail}。\n\n{(extension.Length == 0 ? "" : $"分机：{extension}\n")}{(action switch { "ended" => "通话被结束。紧急呼叫不受限制。", "storage" => "通话不受影响。", _ => "呼叫被拒绝。紧急呼叫不受限制。" })}\n\n限额在此查看和修改：{address}\n\n同一限额每天 (UTC) 最多发送一封邮件；所有情况都在事件日志中。\n")
            : ($"{tenant}: a limit for calls acted", $"At {at} (UTC) a limit of \"{tenant}\" acted: {what}{detail}.\n\n{(extension.Length == 0 ? "" : $"Extension: {extension}\n")}{(action switch { "ended" => "The call was ended. Emergency calls have no limit.", "storage" => "Calls go on as before.", _ => "The call was refused. Emergency calls have no limit." })}\n\nSee and change the limits: {address}\n\nThere is one mail a day (UTC) for each limit at most; the event log has every time.\n");
    }

    // Numbers and extensions in it were dialled: one line, and not a long one.
    private static string Member(JsonDocument data, string name) =>
        data.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? Data.StoredText.Clean(value.GetString(), 64) ?? "" : "";
}
