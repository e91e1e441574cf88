namespace CloudPbx.TestKit;

/// <summary>One line of a torture corpus' index: a message and what it must get.</summary>
/// <param name="File">Path for <see cref="Corpus.Load"/>.</param>
/// <param name="Section">Section of its RFC.</param>
/// <param name="Title">Title of that section.</param>
/// <param name="Valid">Whether it is well-formed.</param>
/// <param name="Class">parser-valid, parser-invalid, transaction, application or backward-compat; <see langword="null"/> in RFC 5118.</param>
/// <param name="Kind">Method or <c>response CODE</c>; <see langword="null"/> in RFC 5118.</param>
/// <param name="Responses">Status codes that are right when it reaches a user agent; <see langword="null"/> where none is prescribed.</param>
/// <param name="Expect">What the RFC asks for, in words.</param>
public sealed record TortureMessage(
    string File, string Section, string Title, bool Valid, string? Class, string? Kind, IReadOnlyList<int>? Responses, string Expect)
{
    /// <summary>File name without folder and extension, the name the RFC calls it by.</summary>
    public string Name => Path.GetFileNameWithoutExtension(File);

    /// <summary>The message.</summary>
    public byte[] Octets => Corpus.Load(File);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
