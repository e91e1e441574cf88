using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace CloudPbx.TestKit;

/// <summary>A tenant's document, as the API and <c>apply</c> take it, with random passwords. Its held parties hear nothing, so that tests hear who holds.</summary>
public static class TenantDocument
{
    /// <summary>Makes one.</summary>
    /// <param name="name">The tenant's name.</param>
    /// <param name="domain">Its domain.</param>
    /// <param name="isDefault">Whether it is the default tenant.</param>
    /// <param name="extensions">Its extensions, each with one device.</param>
    /// <param name="passwords">Gets each extension's password.</param>
    /// <param name="ringSeconds">How long its extensions ring.</param>
    /// <param name="encryption">What its phones must do: <c>off</c>, <c>optional</c>, <c>required</c>.</param>
    public static string Make(
        string name, string domain, bool isDefault, IEnumerable<string> extensions, Dictionary<string, string> passwords, int ringSeconds = 30,
        string encryption = "optional")
    {
        JsonArray list = [];
        foreach (string number in extensions)
        {
            passwords[number] = RandomNumberGenerator.GetHexString(20);
            list.Add(new JsonObject
            {
                ["number"] = number,
                ["displayName"] = $"{name} {number}",
                ["devices"] = new JsonArray(new JsonObject { ["secret"] = passwords[number], ["encryption"] = encryption }),
            });
        }
        return new JsonObject { ["name"] = name, ["isDefault"] = isDefault, ["ringSeconds"] = ringSeconds, ["holdMusic"] = false, ["domains"] = new JsonArray(domain), ["extensions"] = list }.ToJsonString();
    }
}
