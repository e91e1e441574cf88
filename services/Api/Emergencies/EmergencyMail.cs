using System.Globalization;
using System.Text.Json;
using CloudPbx.Contracts.Events;

namespace CloudPbx.Api.Emergencies;

/// <summary>The mail to a tenant's administrators when somebody calls for help, in the tenant's language.</summary>
internal static class EmergencyMail
{
    /// <summary>Writes it.</summary>
    /// <param name="language">BCP 47.</param>
    /// <param name="tenant">The tenant's name.</param>
    /// <param name="happened">The event (<see cref="EventTypes.CallEmergency"/>).</param>
    /// <param name="address">Where the call is shown.</param>
    public static (string Subject, string Text) Write(string language, string tenant, TenantEvent happened, string address)
    {
        using JsonDocument data = JsonDocument.Parse(happened.Data);
        string extension = Member(data, "extension"), number = Member(data, "number"), trunk = Member(data, "trunk"), status = Member(data, "status"), state = Member(data, "state");
        string name = Member(data, "name"), device = Member(data, "device"), place = Member(data, "remoteAddress");
        string who = name.Length == 0 ? extension : $"{extension} ({name})";
        string at = happened.At.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        string why = status.Length == 0 ? "" : $" ({status})";
        if (language.StartsWith("zh", StringComparison.OrdinalIgnoreCase))
        {
            string said = state switch
            {
                "answered" => $"紧急服务已应答，经由中继 {trunk}",
                "failed" => $"没有中继接通该紧急呼叫{why}",
                "cancelled" => "来电方在应答前挂断",
                _ => "正在呼叫紧急服务",
            };
            return ($"{tenant}：分机 {extension} 紧急呼叫 {number}",
                $"{at} (UTC)，“{tenant}”的分机 {who} 呼叫了紧急号码 {number}：{said}。\n\n{Line("话机", device)}{Line("网络地址", place)}\n通话详情：{address}\n");
        }
        string what = state switch
        {
            "answered" => $"it was answered by the trunk {trunk}",
            "failed" => $"no trunk took the call{why}",
            "cancelled" => "the caller hung up before anybody answered",
            _ => "the call is being made",
        };
        return ($"{tenant}: emergency call to {number} from extension {extension}",
            $"At {at} (UTC) extension {who} of \"{tenant}\" called the emergency number {number}: {what}.\n\n{Line("Device", device)}{Line("Network address", place)}\nThe call: {address}\n");
    }

    private static string Line(string head, string value) => value.Length == 0 ? "" : $"{head}: {value}\n";

    // Names are people's own words, and lines of a mail must not be.
    private static string Member(JsonDocument data, string name) => !data.RootElement.TryGetProperty(name, out JsonElement value) ? "" : value.ValueKind switch
    {
        JsonValueKind.String => Data.StoredText.Clean(value.GetString(), 64) ?? "",
        JsonValueKind.Number => value.GetRawText(),
        _ => "",
    };
}
