namespace CloudPbx.Load.Product;

/// <summary>The product's programs, as they were built together with this one.</summary>
internal static class Programs
{
    /// <summary>All-in-one, which also starts clusters and has the commands.</summary>
    public static string AllInOne => Of("AllInOne", "cloudpbx");

    /// <summary>A service: Edge, CallControl, Media, Api.</summary>
    public static string Service(string name) => Of(name, $"CloudPbx.{name}");

    private static string Of(string service, string program)
    {
        string[] built = AppContext.BaseDirectory.TrimEnd('/').Split('/')[^2..];                      // configuration, framework
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "CloudPbx.sln"))) root = root.Parent;
        return Path.Combine(root?.FullName ?? "", "services", service, "bin", built[0], built[1], program);
    }
}
