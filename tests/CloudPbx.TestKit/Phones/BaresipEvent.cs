using System.Text.Json;

namespace CloudPbx.TestKit.Phones;

/// <summary>An event that baresip reports on its control connection.</summary>
/// <param name="Type">Such as <c>REGISTER_OK</c> or <c>CALL_ESTABLISHED</c>.</param>
/// <param name="CallId">The SIP Call-ID, where it is about a call.</param>
/// <param name="Peer">The other party's URI.</param>
/// <param name="Parameter">What the event adds: a reason, a digit.</param>
public sealed record BaresipEvent(string Type, string CallId, string Peer, string Parameter)
{
    internal static BaresipEvent From(JsonElement json)
    {
        string Text(string name) => json.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";
        return new BaresipEvent(Text("type"), Text("id"), Text("peeruri"), Text("param"));
    }
}
