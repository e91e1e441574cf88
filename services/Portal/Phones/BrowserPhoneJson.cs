using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudPbx.Portal.Phones;

/// <summary>What the phone's script tells, as it is written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(BrowserPhoneState))]
internal sealed partial class BrowserPhoneJson : JsonSerializerContext;
