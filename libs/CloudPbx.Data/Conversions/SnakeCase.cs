using System.Text.Json;

namespace CloudPbx.Data.Conversions;

/// <summary>Column names: <c>CallerNumber</c> is <c>caller_number</c>, so that SQL needs no quotes.</summary>
internal static class SnakeCase
{
    public static string Of(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
