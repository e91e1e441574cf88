namespace CloudPbx.Load;

/// <summary>The files that are part of this program.</summary>
internal static class Embedded
{
    public static string Text(string name)
    {
        using Stream stream = typeof(Embedded).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException(name);
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
