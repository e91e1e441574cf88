using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace CloudPbx.CallControl.Tests.Fakes;

/// <summary>Makes records whose members all say something, those too that are added after the test was written.</summary>
internal static class Filled
{
    /// <summary>A record in which no member is what it is by default.</summary>
    public static T Of<T>()
    {
        int number = 0;
        return (T)Make(typeof(T), ref number);
    }

    private static object Make(Type type, ref int number)
    {
        number++;
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Make(underlying, ref number);
        if (type == typeof(string))
            return $"\"<s{number}>\\ \u674e+\t'&";
        if (type == typeof(bool))
            return true;
        if (type == typeof(byte[]))
            return new byte[] { (byte)number, 255, 0 };
        if (type == typeof(ReadOnlyMemory<byte>))
            return new ReadOnlyMemory<byte>([(byte)number, 254, 13, 10]);
        if (type == typeof(DateTime))
            return DateTime.UnixEpoch.AddMilliseconds(number).AddDays(20_000);
        if (type == typeof(DateTimeOffset))
            return new DateTimeOffset(DateTime.UnixEpoch.AddDays(number));
        if (type == typeof(Guid))
            return Guid.CreateVersion7();
        if (type == typeof(double))
            return number + 0.125;
        if (type.IsEnum)
            return Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1)!;
        if (type.IsPrimitive)
            return Convert.ChangeType(number, type, System.Globalization.CultureInfo.InvariantCulture);
        if (type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)))
            return type.GetGenericArguments() is [{ } element] ? List(element, ref number) : new Dictionary<string, string> { ["a<b"] = "v=0\r\n", ["c"] = "d" };
        object made = type.IsValueType ? Activator.CreateInstance(type)! : RuntimeHelpers.GetUninitializedObject(type);
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            if (property.SetMethod is not null)
                property.SetValue(made, Make(property.PropertyType, ref number));
        return made;
    }

    private static IList List(Type element, ref int number)
    {
        IList list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
        for (int i = 0; i < 2; i++)
            list.Add(Make(element, ref number));
        return list;
    }
}
