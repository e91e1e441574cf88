using CloudPbx.Data;
using Microsoft.Net.Http.Headers;

namespace CloudPbx.Api.Bodies;

/// <summary>Entity tags (RFC 9110 §8.8.3) from the rows' versions.</summary>
internal static class EntityTags
{
    /// <summary>Names the row's state in the answer.</summary>
    public static void Write(HttpContext context, IVersioned row) => Write(context, Of(row));

    /// <summary>Names the state of what is no row of its own.</summary>
    public static void Write(HttpContext context, string state) => context.Response.Headers.ETag = $"\"{state}\"";

    /// <summary>Whether the request may change the row: it names no state, or the present one (§13.1.1).</summary>
    public static bool Allow(HttpContext context, IVersioned row) => Allow(context, Of(row));

    /// <summary>Whether the request may change what is in this state now.</summary>
    public static bool Allow(HttpContext context, string state)
    {
        IList<EntityTagHeaderValue> asked = context.Request.GetTypedHeaders().IfMatch;
        return asked.Count == 0 || asked.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Tag == $"\"{state}\"");
    }

    private static string Of(IVersioned row) => $"{row.Version:N}";
}
